using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Factory.Core.Disk;

namespace Factory.Trainer.Comparison;

/// <summary>compare.json: the runs that are finished so far, and the methods over their seeds.</summary>
/// <param name="UnigramPerplexity">exp of the entropy of the validation tokens' frequencies: what a model that has learnt nothing but those reaches.</param>
public sealed record ComparisonReport(double UnigramPerplexity, IReadOnlyList<MethodResult> Methods, IReadOnlyList<ArmResult> Arms)
{
    public const string FileName = "compare.json";
    public const string TableName = "compare.md";

    /// <summary>Of the runs that are finished; methods in the order in which they were asked for.</summary>
    public static ComparisonReport From(double unigram, IReadOnlyList<ArmResult> arms) =>
        new(unigram, [.. arms.GroupBy(arm => arm.Method).Select(group => MethodResult.From(group.Key, [.. group]))], arms);

    /// <summary>Writes compare.json and compare.md.</summary>
    public void Write(string folder)
    {
        AtomicFile.Write(Path.Combine(folder, FileName), JsonSerializer.SerializeToUtf8Bytes(this, ComparisonJson.Default.ComparisonReport));
        AtomicFile.Write(Path.Combine(folder, TableName), StrictUtf8.Encoding.GetBytes(Table()));
    }

    /// <summary>One table in Markdown.</summary>
    public string Table()
    {
        string[] lines =
        [
            "| method | perplexity | runs | diverged | variance of block 1 | of the last block | tokens/s |",
            "|---|---|---|---|---|---|---|",
            .. Methods.Select(Row),
            "",
            Invariant($"Perplexity: mean of the last validations over the runs ± standard deviation (n - 1). Unigram perplexity of the validation tokens: {UnigramPerplexity:0.0}; a run that is no better and no longer falls counts as diverged."),
            "",
        ];
        return string.Join('\n', lines);
    }

    private static string Row(MethodResult method)
    {
        string perplexity = method.Perplexity is not double mean ? "–" : Invariant($"{mean:0.00}") + (method.Spread is double spread ? Invariant($" ± {spread:0.00}") : "");
        string first = method.BlockOutputVariance is { Count: > 0 } all ? Invariant($"{all[0]:0.###}") : "–";
        string last = method.BlockOutputVariance is { Count: > 0 } some ? Invariant($"{some[^1]:0.###}") : "–";
        return Invariant($"| {method.Method} | {perplexity} | {method.Runs} | {method.Diverged} | {first} | {last} | {method.TokensPerSecond:0} |");
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ComparisonReport))]
internal sealed partial class ComparisonJson : JsonSerializerContext;
