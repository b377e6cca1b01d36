using System.Globalization;

namespace Factory.Trainer.Comparison;

/// <summary>A comparison in Markdown: methods, their fine-tuning, and the rows of Table 3, so far as there are any.</summary>
internal static class ComparisonTable
{
    public static string Of(ComparisonReport report)
    {
        string[] lines =
        [
            "| method | perplexity | runs | diverged | variance of block 1 | of the last block | tokens/s |",
            "|---|---|---|---|---|---|---|",
            .. report.Methods.Select(Row),
            "",
            Invariant($"Perplexity: mean of the last validations over the runs ± standard deviation (n - 1). Unigram perplexity of the validation tokens: {report.UnigramPerplexity:0.0}; a run that is no better and no longer falls counts as diverged."),
            "",
            .. report.Tunings is { } tunings ? Tunings(tunings) : [],
            .. report.Scores is { } scores ? Scores(scores) : [],
        ];
        return string.Join('\n', lines);
    }

    private static IEnumerable<string> Tunings(IReadOnlyList<TunedMethod> tunings) =>
    [
        "| method | tuned | loss on held-out answers | answered exactly, % | runs | diverged |",
        "|---|---|---|---|---|---|",
        .. tunings.Select(row => Invariant($"| {row.Method} | {row.Tuning} | {Text(row.Loss, "0.0000")} | {Text(row.AnswerAccuracy, "0.0", 100)} | {row.Runs} | {row.Diverged} |")),
        "",
        "Answered exactly: held-out rows whose every answer token is the most likely one after those before it, as greedy decoding gives them.",
        "",
    ];

    private static IEnumerable<string> Scores(IReadOnlyList<ScoredMethod> scores)
    {
        string[] tasks = [.. scores[0].Accuracy.Keys];
        return
        [
            $"| method | tuned | {string.Join(" | ", tasks)} |",
            $"|---|---|{string.Concat(tasks.Select(_ => "---|"))}",
            .. scores.Select(row => $"| {row.Method} | {row.Tuning ?? "before"} | {string.Join(" | ", tasks.Select(task => Text(row.Accuracy[task], "0.0", 100)))} |"),
            "",
            "Accuracy in %, mean over the runs ± standard deviation.",
            "",
        ];
    }

    private static string Row(MethodResult method)
    {
        string perplexity = Text(method.Perplexity is double mean ? new SampleMean(mean, method.Spread) : null, "0.00");
        string first = method.BlockOutputVariance is { Count: > 0 } all ? Invariant($"{all[0]:0.###}") : "–";
        string last = method.BlockOutputVariance is { Count: > 0 } some ? Invariant($"{some[^1]:0.###}") : "–";
        return Invariant($"| {method.Method} | {perplexity} | {method.Runs} | {method.Diverged} | {first} | {last} | {method.TokensPerSecond:0} |");
    }

    private static string Text(SampleMean? value, string format, double factor = 1) => value is null
        ? "–"
        : (value.Mean * factor).ToString(format, CultureInfo.InvariantCulture) + (value.Deviation is double deviation ? $" ± {(deviation * factor).ToString(format, CultureInfo.InvariantCulture)}" : "");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
