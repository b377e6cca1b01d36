namespace Factory.Trainer.Comparison;

/// <summary>A method and a way of tuning over the seeds.</summary>
/// <param name="Loss">Of the runs whose loss is finite.</param>
/// <param name="Diverged">Runs that diverged.</param>
public sealed record TunedMethod(string Method, string Tuning, int Runs, SampleMean? Loss, SampleMean? AnswerAccuracy, int Diverged)
{
    public static TunedMethod From(IReadOnlyList<TuningResult> runs) => new(
        runs[0].Method, runs[0].Tuning, runs.Count, SampleMean.Of(runs.Select(run => run.Loss)), SampleMean.Of(runs.Select(run => run.AnswerAccuracy)), runs.Count(run => run.Diverged));
}
