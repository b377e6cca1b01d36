using System.Globalization;
using Spectre.Console;

namespace Factory.Evals.Gates;

/// <summary>Differences as a table for people.</summary>
internal static class DifferenceTable
{
    public static Table FromDifferences(IReadOnlyList<Difference> differences)
    {
        Table table = new Table().Border(TableBorder.Simple);
        foreach (string header in Headers)
        {
            table.AddColumn(header);
        }
        foreach (Difference difference in differences)
        {
            table.AddRow([.. Cells(difference).Select(Markup.Escape)]);
        }
        return table;
    }

    internal static IReadOnlyList<string> Headers { get; } = ["task", "metric", "n", "A", "B", "B − A", "95 % interval", "only A : only B", "p (Holm)", "verdict on B", "test"];

    internal static IReadOnlyList<string> Cells(Difference difference) =>
    [
        difference.Task,
        difference.Metric,
        difference.N.ToString(CultureInfo.InvariantCulture),
        Number(difference.A),
        Number(difference.B),
        Signed(difference.Delta),
        difference.Low is double low && difference.High is double high ? $"{Signed(low)} … {Signed(high)}" : "–",
        difference.OnlyA is int onlyA && difference.OnlyB is int onlyB ? $"{onlyA} : {onlyB}" : "–",
        difference.Adjusted is double p ? p.ToString(p < 0.0001 ? "0.0e0" : "0.0000", CultureInfo.InvariantCulture) : "–",
        difference.Verdict,
        difference.Test,
    ];

    private static string Number(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture);

    private static string Signed(double value) => value.ToString("+0.0000;−0.0000;0.0000", CultureInfo.InvariantCulture);
}
