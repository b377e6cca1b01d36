using Factory.Exporter.Onnx;

namespace Factory.Exporter.Precisions;

/// <summary>bfloat16 in the branches: for CUDA only, ONNX Runtime's CPU provider has no kernels for it.</summary>
internal sealed class BF16 : PlainPrecision<BFloat16>
{
    public override string Name => "bf16";

    public override string Summary => "bfloat16, for CUDA only; half the size";

    /// <summary>Eight bits of mantissa: eight times fp16's.</summary>
    public override double LogitTolerance => 0.1;

    public override double PerplexityBound => 0.01;

    public override bool RunsOnCpu => false;

    protected override void Round(ReadOnlySpan<float> values, Span<BFloat16> rounded)
    {
        for (int i = 0; i < values.Length; i++)
        {
            rounded[i] = (BFloat16)values[i];
        }
    }
}
