using System.Numerics.Tensors;

namespace Factory.Exporter.Precisions;

/// <summary>Half precision in the branches: for CUDA. The CPU computes it too, by widening, correctly but slower than fp32.</summary>
internal sealed class Fp16 : PlainPrecision<Half>
{
    public override string Name => "fp16";

    public override string Summary => "half precision, for CUDA; half the size, correct on the CPU too but slower there";

    public override double LogitTolerance => 2e-2;

    public override double PerplexityBound => 0.002;

    protected override void Round(ReadOnlySpan<float> values, Span<Half> rounded) => TensorPrimitives.ConvertToHalf(values, rounded);
}
