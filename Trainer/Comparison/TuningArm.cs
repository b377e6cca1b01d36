using Factory.Core.Checkpoints;
using Factory.Core.Disk;
using Factory.Trainer.FineTuning;
using Factory.Trainer.Recipes;
using Factory.Trainer.Training;

namespace Factory.Trainer.Comparison;

/// <summary>A fine-tuning of a comparison.</summary>
/// <param name="model">What is tuned.</param>
/// <param name="tuning">full, lisa or lora.</param>
/// <param name="request">With its own output.</param>
/// <param name="recipe">What the request makes.</param>
/// <param name="rows">What the model is tuned on.</param>
internal sealed class TuningArm(ComparisonArm model, string tuning, TuneRequest request, Recipe recipe, InstructionSet rows) : IComparisonRun
{
    public ComparisonArm Model => model;

    public string Tuning => tuning;

    public string Title => $"{model.Title} {tuning}";

    public string Folder => request.Output!;

    /// <summary>What it came to; null before its end.</summary>
    public TuningResult? Result { get; private set; }

    public bool IsFinished => Result is not null;

    public void Read()
    {
        if (CheckpointFolder.Steps(Folder).Count == 0)
        {
            return;
        }
        Manifest tuned = Manifest.ReadKind(CheckpointFolder.Resolve(model.Folder), CheckpointFolder.Kind);
        Result = TuningChoice.Named(() => FinishedRun.Read(Folder, recipe, rows.HashWith(tuned))) is FinishedRun run
            ? new TuningResult(
                model.Method, model.Seed, tuning, Path.GetFileName(Folder), run.State.Step, run.State.Tokens ?? 0, run.Last?.Loss, run.Last?.AnswerAccuracy,
                run.WasStopped || run.Last is { Loss: null }, Math.Round(run.History.TokensPerSecond, 1))
            : null;
    }

    public TrainingRun Prepare(Action<string> log, CancellationToken cancellationToken) =>
        TuningChoice.Named(() => FineTuning.Tuning.Prepare(request, TimeProvider.System, log));
}
