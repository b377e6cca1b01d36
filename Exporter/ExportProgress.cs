namespace Factory.Exporter;

/// <summary>How far an export is.</summary>
/// <param name="Step">What is being done.</param>
public sealed record ExportProgress(string Step, int Done, int Total);
