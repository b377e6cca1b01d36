namespace Factory.Exporter.Reports;

/// <summary>Token sequences to measure on.</summary>
/// <param name="Name">What they are, for people.</param>
/// <param name="Sequences">Each of at least two tokens.</param>
internal sealed record TextSample(string Name, IReadOnlyList<int[]> Sequences);
