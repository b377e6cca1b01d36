namespace Factory.Trainer.Verification;

/// <summary>How far this machine's numbers lie from those of a reference folder.</summary>
/// <param name="Folder">The folder.</param>
/// <param name="Method">The normalization method of its model.</param>
/// <param name="Differences">Largest |difference| of each thing compared: "logits", "loss", "grad.NAME", …; not a number where one of both is none.</param>
public sealed record ReferenceReport(string Folder, string Method, IReadOnlyDictionary<string, double> Differences)
{
    /// <summary>What lies furthest off; a number that is none counts as infinitely far.</summary>
    public KeyValuePair<string, double> Largest => Differences.MaxBy(difference => Size(difference.Value));

    /// <summary>Whether everything lies within <paramref name="tolerance"/>.</summary>
    public bool IsWithin(double tolerance) => Size(Largest.Value) <= tolerance;

    private static double Size(double difference) => double.IsNaN(difference) ? double.PositiveInfinity : difference;
}
