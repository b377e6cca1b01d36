using Factory.Trainer.Buffers;
using Factory.Trainer.Kernels;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Factory.Trainer.Model;

/// <summary>Several linear maps of one input as one product, for placements with fused kernels and maps without biases.</summary>
internal sealed class PackedProjection(ModelPlacement placement, params Projection[] parts)
{
    private readonly Parameter[] _rest = [.. parts.Skip(1).Select(part => part.Weight)];

    /// <param name="input">(…, inputs), in the type to compute in.</param>
    /// <returns>(…, sum of outputs), side by side, in the same type.</returns>
    public Tensor Forward(Tensor input)
    {
        Gemm gemm = placement.Kernels.Gemm;
        Parameter first = parts[0].Weight;
        bool isTrained = first.requires_grad;
        if (Array.TrueForAll(parts, part => part.Update is null && part.Weight.requires_grad == isTrained)
            && ParameterBuffer.SliceOf(first) is ParameterSlice slice
            && slice.Buffer.Packed(slice, _rest) is PackedWeight packed
            && (!isTrained || packed.Gradient is not null))
        {
            return LinearFunction.Run(gemm, input, packed, first);
        }
        return LinearFunction.Run(gemm, input, Array.ConvertAll(parts, part => part.Effective));
    }
}
