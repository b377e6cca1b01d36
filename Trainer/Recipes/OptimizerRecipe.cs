namespace Factory.Trainer.Recipes;

/// <summary>AdamW's constants; with weight decay 0 it is Adam.</summary>
public sealed record OptimizerRecipe
{
    /// <summary>Decay of the mean of gradients.</summary>
    public required double Beta1 { get; init; }

    /// <summary>Decay of the mean of squared gradients.</summary>
    public required double Beta2 { get; init; }

    /// <summary>Added to the root of the latter.</summary>
    public required double Epsilon { get; init; }

    /// <summary>Decoupled decay of matrices, times the learning rate.</summary>
    public required double WeightDecay { get; init; }

    /// <summary>Largest norm of the gradient; 0 never clips.</summary>
    public required double Clip { get; init; }
}
