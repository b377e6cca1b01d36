using System.Text.Json.Serialization;

namespace Factory.Trainer.Verification;

/// <summary>One optimizer step of a reference.</summary>
/// <param name="Step">Number, from zero.</param>
/// <param name="Lr">Learning rate.</param>
/// <param name="Loss">Mean over the labels that count.</param>
/// <param name="GradNorm">Norm of the whole gradient, before clipping.</param>
/// <param name="ValidTokens">Labels that count, where the log says so.</param>
internal sealed record LoggedStep(
    [property: JsonRequired] int Step, [property: JsonRequired] double Lr, [property: JsonRequired] double Loss, [property: JsonRequired] double GradNorm, long? ValidTokens = null);
