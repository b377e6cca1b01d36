namespace Factory.Exporter.Reports;

/// <summary>Perplexity of a bundle beside that of the same checkpoint in float32, on the same tokens.</summary>
/// <param name="Text">What the tokens are.</param>
/// <param name="Tokens">Tokens that were predicted.</param>
/// <param name="Bound">How much more the precision allows, as a fraction.</param>
public sealed record PerplexityReport(string Text, int Tokens, double Reference, double Perplexity, double Bound)
{
    /// <summary>How much more, as a fraction.</summary>
    public double Change => (Perplexity / Reference) - 1;

    /// <summary>A NaN is outside every bound.</summary>
    public bool Passes => Change <= Bound;

    public override string ToString() => FormattableString.Invariant(
        $"perplexity {Perplexity:0.000} beside {Reference:0.000} in fp32, {Math.Round(Change * 100, 2) + 0.0:+0.00;-0.00;+0.00} % (limit {Bound * 100:+0.##} %), over {Tokens} tokens of {Text}");
}
