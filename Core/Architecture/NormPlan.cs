namespace Factory.Core.Architecture;

/// <summary>One RMSNorm of a block: gain * x / rms(x), times <see cref="Scale"/>.</summary>
/// <param name="Parameter">Full name of the gain in the state dict, shape (hidden).</param>
/// <param name="Scale">Constant factor on the norm's output, after the gain. Never trained, never stored; folds into the gain on export.</param>
public sealed record NormPlan(string Parameter, double Scale);
