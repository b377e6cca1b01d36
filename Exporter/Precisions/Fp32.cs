namespace Factory.Exporter.Precisions;

/// <summary>The weights as trained.</summary>
internal sealed class Fp32 : PlainPrecision<float>
{
    public override string Name => "fp32";

    public override string Summary => "the weights as trained; CPU only (CUDA's attention takes fp16 and bf16)";

    public override double LogitTolerance => 1e-4;

    public override double PerplexityBound => 1e-3;

    protected override void Round(ReadOnlySpan<float> values, Span<float> rounded) => values.CopyTo(rounded);
}
