namespace Factory.Trainer.Training;

/// <summary>The numbers of one update of AdamW (arXiv 1711.05101, algorithm 2).</summary>
/// <param name="Count">Number of this update, from one.</param>
/// <param name="Clip">Factor on the gradient.</param>
internal readonly record struct AdamNumbers(double Rate, double Beta1, double Beta2, double Decay, double Epsilon, long Count, double Clip);
