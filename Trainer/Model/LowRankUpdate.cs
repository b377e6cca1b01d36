using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Factory.Trainer.Model;

/// <summary>LoRA (arXiv 2106.09685): what is added to a weight that stays as it is, scale · B · A, trained in the place of it.</summary>
/// <param name="A">(rank, inputs)</param>
/// <param name="B">(outputs, rank); zero at the start, so that the model begins as it was.</param>
public sealed record LowRankUpdate(Parameter A, Parameter B, double Scale)
{
    /// <summary>(outputs, inputs), with its graph.</summary>
    public Tensor Value => matmul(B, A) * Scale;
}
