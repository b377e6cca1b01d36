namespace Factory.Trainer.Comparison;

/// <summary>A row of Table 3: a method, before or after a way of tuning, over the seeds.</summary>
/// <param name="Tuning">full, lisa or lora; null before fine-tuning.</param>
/// <param name="Accuracy">By task, and their mean as "average".</param>
public sealed record ScoredMethod(string Method, string? Tuning, int Runs, IReadOnlyDictionary<string, SampleMean> Accuracy)
{
    public static ScoredMethod From(IReadOnlyList<ScoreResult> runs) => new(
        runs[0].Method, runs[0].Tuning, runs.Count,
        new OrderedDictionary<string, SampleMean>(runs[0].Accuracy.Keys.Select(task => KeyValuePair.Create(task, SampleMean.Of(runs.Select(run => (double?)run.Accuracy[task]))!))));
}
