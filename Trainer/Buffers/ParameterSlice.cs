using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Factory.Trainer.Buffers;

/// <summary>Where a parameter stands in its <see cref="ParameterBuffer"/>.</summary>
/// <param name="Start">Numbers before it.</param>
/// <param name="Count">Its own numbers.</param>
internal sealed record ParameterSlice(ParameterBuffer Buffer, Parameter Parameter, long Start, long Count)
{
    /// <summary>Weight decay is for tensors of rank two and more.</summary>
    public bool IsMatrix { get; } = Parameter.dim() >= 2;

    /// <summary>Its part of a tensor of the buffer's order, in its shape; a view.</summary>
    public Tensor View(Tensor flat) => flat.narrow(0, Start, Count).view(Parameter.shape);
}
