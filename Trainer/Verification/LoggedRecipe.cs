using System.Text.Json.Serialization;

namespace Factory.Trainer.Verification;

/// <summary>How a reference was trained: Adam or AdamW with decay on matrices, linear warm-up from 0, cosine to a share of the peak.</summary>
/// <param name="Optimizer">"adam" or "adamw".</param>
/// <param name="Betas">The two decays.</param>
/// <param name="WeightDecayOnMatrices">Decoupled, on tensors of rank two and more.</param>
/// <param name="ClipNorm">0: never clipped.</param>
/// <param name="MicroBatches">Micro-batches per step.</param>
internal sealed record LoggedRecipe(
    [property: JsonRequired] string Optimizer, [property: JsonRequired] IReadOnlyList<double> Betas, [property: JsonRequired] double Eps,
    [property: JsonRequired] double WeightDecayOnMatrices, [property: JsonRequired] double ClipNorm, [property: JsonRequired] double PeakLr,
    [property: JsonRequired] long WarmupSteps, [property: JsonRequired] long TotalSteps, [property: JsonRequired] double MinLrRatio, [property: JsonRequired] int MicroBatches);
