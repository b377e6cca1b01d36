using static TorchSharp.torch;

namespace Factory.Trainer.Training;

/// <summary>The numbers of one update of AdamW (arXiv 1711.05101, algorithm 2).</summary>
/// <param name="Count">Number of this update, from one.</param>
/// <param name="Clip">Factor on the gradient, float64, on the device; null for none.</param>
/// <param name="Broken">Where it is not 0, nothing may change; float32, on the device.</param>
internal readonly record struct AdamNumbers(double Rate, double Beta1, double Beta2, double Decay, double Epsilon, long Count, Tensor? Clip, Tensor Broken);
