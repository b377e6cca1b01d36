namespace Factory.Trainer.Training;

/// <summary>The optimizer's constants.</summary>
/// <param name="Beta1">Decay of the mean of gradients.</param>
/// <param name="Beta2">Decay of the mean of squared gradients.</param>
/// <param name="Epsilon">Added to the root of the latter.</param>
/// <param name="WeightDecay">Decoupled decay of matrices (rank two and more), times the learning rate; 0 is plain Adam.</param>
public sealed record AdamWOptions(double Beta1 = 0.9, double Beta2 = 0.999, double Epsilon = 1e-8, double WeightDecay = 0);
