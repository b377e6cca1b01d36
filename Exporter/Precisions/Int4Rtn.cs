namespace Factory.Exporter.Precisions;

/// <summary>int4 weights, every one rounded to the nearest of its block's sixteen values.</summary>
internal sealed class Int4Rtn : BlockInt4Precision
{
    public override string Name => "int4-rtn";

    public override string Summary => "int4 weights by plain rounding to nearest";

    public override double PerplexityBound => 0.25;

    internal override BlockInt4Precision WithPrefillCopy() => new Int4Rtn { StoresPrefillCopy = true };
}
