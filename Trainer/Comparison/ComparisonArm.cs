using Factory.Core.Journal;
using Factory.Trainer.Recipes;
using Factory.Trainer.Training;

namespace Factory.Trainer.Comparison;

/// <summary>A model of a comparison, trained from scratch.</summary>
/// <param name="method">As the table names it.</param>
/// <param name="request">With its own output.</param>
/// <param name="recipe">What the request makes.</param>
/// <param name="dataHash">Content hash of the tokens.</param>
/// <param name="unigram">Unigram perplexity of the validation tokens.</param>
internal sealed class ComparisonArm(string method, ulong seed, PretrainRequest request, Recipe recipe, string dataHash, double unigram) : IComparisonRun
{
    /// <summary>Less of a fall than this, in nats from one validation to the next, is none.</summary>
    private const double Fall = 0.02;

    public string Method => method;

    public ulong Seed => seed;

    public Recipe Recipe => recipe;

    public string Title => $"{method} seed {seed}";

    public string Folder => request.Output!;

    /// <summary>What it came to; null before its end.</summary>
    public ArmResult? Result { get; private set; }

    public bool IsFinished => Result is not null;

    public void Read() => Result = FinishedRun.Read(Folder, recipe, dataHash) is FinishedRun run
        ? new ArmResult(
            method, seed, Path.GetFileName(Folder), run.State.Step, run.State.Tokens ?? 0, run.Last?.Perplexity,
            run.History.Validations.Min(validation => validation.Perplexity),
            run.WasStopped || Stands(run.History.Validations),
            run.Last?.BlockOutputVariance, Math.Round(run.History.TokensPerSecond, 1))
        : null;

    public TrainingRun Prepare(Action<string> log, CancellationToken cancellationToken) =>
        Pretraining.Prepare(request with { Given = request.Given.With(RecipeChanges.MachineOf(recipe)) }, TimeProvider.System, log, cancellationToken);

    /// <summary>Whether the last loss is no number, or no better than the frequencies of tokens and no longer falling: how a run looks that diverged without breaking.</summary>
    private bool Stands(IReadOnlyList<ValidationRecord> validations) => validations.Count > 0
        && (validations[^1].Loss is not double loss
            || (loss > Math.Log(unigram) && validations.Count > 1 && !(validations[^2].Loss - loss > Fall)));
}
