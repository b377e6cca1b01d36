using Factory.Exporter.Quantization;

namespace Factory.Exporter.Precisions;

/// <summary>int4 weights chosen so that what a layer gives for typical inputs changes least (GPTQ, arXiv 2210.17323).</summary>
internal sealed class Int4 : BlockInt4Precision
{
    private readonly LayerStatistics? _statistics;

    public Int4()
    {
    }

    private Int4(LayerStatistics? statistics) => _statistics = statistics;

    public override string Name => "int4";

    public override string Summary => "int4 weights chosen by what flows through the layers (GPTQ), head and embedding int8; an eighth of the size, fastest decode on the CPU";

    public override double PerplexityBound => 0.1;

    internal override bool IsCalibrated => true;

    internal override Precision Calibrated(LayerStatistics statistics) => new Int4(statistics) { StoresPrefillCopy = StoresPrefillCopy };

    internal override BlockInt4Precision WithPrefillCopy() => new Int4(_statistics) { StoresPrefillCopy = true };

    private protected override BlockInt4 Quantize(LinearWeight weight) =>
        Gptq.Quantize(weight.Rows(), weight.Outputs, weight.Inputs, (_statistics ?? throw new InvalidOperationException("int4 was not calibrated.")).ForWeight(weight.Name));
}
