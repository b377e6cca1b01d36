namespace Factory.Trainer.Training;

/// <summary>Norms of the gradient, before clipping.</summary>
/// <param name="Total">Over all parameters as one vector.</param>
/// <param name="Blocks">Over the parameters of each block, first block first.</param>
public sealed record GradientNorms(double Total, IReadOnlyList<double> Blocks);
