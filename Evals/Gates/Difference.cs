namespace Factory.Evals.Gates;

/// <summary>How a metric of one task differs between two reports, A and B.</summary>
/// <param name="N">Documents that both answered.</param>
/// <param name="Delta">B minus A.</param>
/// <param name="Low">Lower end of the 95 % interval of <paramref name="Delta"/>; null where spread cannot be told.</param>
/// <param name="OnlyA">Documents that only A has right; null where documents are not right or wrong.</param>
/// <param name="PWorse">Chance of a result at least this bad for B were both alike; null where spread cannot be told.</param>
/// <param name="PValue">The same for a difference in either direction.</param>
/// <param name="Adjusted"><paramref name="PValue"/> after Holm's correction for the number of comparisons.</param>
/// <param name="Test">"McNemar, exact", "paired bootstrap" or "unpaired, from standard errors".</param>
public sealed record Difference(
    string Task, string Metric, bool HigherIsBetter, int N, double A, double B, double Delta, double? Low, double? High,
    int? OnlyA, int? OnlyB, double? PWorse, double? PValue, double? Adjusted, string Test)
{
    private const double Significance = 0.05;

    /// <summary>How much worse B is: positive is worse, whichever way is good.</summary>
    public double Loss => HigherIsBetter ? -Delta : Delta;

    /// <summary>"better", "worse" (of B, after correction) or "no difference shown".</summary>
    public string Verdict => Adjusted is double p && p < Significance ? Loss > 0 ? "worse" : "better" : "no difference shown";
}
