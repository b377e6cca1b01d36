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

    /// <summary>Methods and ways of tuning over the seeds; null where nothing is tuned.</summary>
    public IReadOnlyList<TunedMethod>? Tunings { get; private init; }

    public IReadOnlyList<TuningResult>? TuningRuns { get; private init; }

    /// <summary>Rows of Table 3; null where nothing is scored.</summary>
    public IReadOnlyList<ScoredMethod>? Scores { get; private init; }

    public IReadOnlyList<ScoreResult>? ScoreRuns { get; private init; }

    /// <summary>Of what is finished; all in the order in which they were asked for.</summary>
    public static ComparisonReport From(double unigram, IReadOnlyList<ArmResult> arms, IReadOnlyList<TuningResult> tunings, IReadOnlyList<ScoreResult> scores) =>
        new(unigram, [.. arms.GroupBy(arm => arm.Method).Select(group => MethodResult.From(group.Key, [.. group]))], arms)
        {
            Tunings = tunings.Count == 0 ? null : [.. tunings.GroupBy(run => (run.Method, run.Tuning)).Select(group => TunedMethod.From([.. group]))],
            TuningRuns = tunings.Count == 0 ? null : tunings,
            Scores = scores.Count == 0 ? null : [.. scores.GroupBy(run => (run.Method, run.Tuning)).Select(group => ScoredMethod.From([.. group]))],
            ScoreRuns = scores.Count == 0 ? null : scores,
        };

    /// <summary>Writes compare.json and compare.md.</summary>
    public void Write(string folder)
    {
        AtomicFile.Write(Path.Combine(folder, FileName), JsonSerializer.SerializeToUtf8Bytes(this, ComparisonJson.Default.ComparisonReport));
        AtomicFile.Write(Path.Combine(folder, TableName), StrictUtf8.Encoding.GetBytes(ComparisonTable.Of(this)));
    }
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ComparisonReport))]
internal sealed partial class ComparisonJson : JsonSerializerContext;
