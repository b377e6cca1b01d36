using Factory.Core;

namespace Factory.Exporter;

/// <summary>Element types a bundle can be written in, and how far its logits may lie from the probe's.</summary>
public sealed record Precision(string Name, double Tolerance)
{
    public static IReadOnlyList<Precision> All { get; } = [new("fp32", 1e-4)];

    /// <exception cref="UserError">There is no such precision.</exception>
    public static Precision Named(string name, string where) =>
        All.FirstOrDefault(precision => precision.Name == name)
        ?? throw new UserError($"{where}: expected one of {string.Join(", ", All.Select(precision => precision.Name))}, found '{name}'.");
}
