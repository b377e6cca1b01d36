using System.Text.Json;
using Factory.Core.Journal;
using Factory.Trainer.Data;
using Factory.Trainer.Recipes;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Training;

/// <summary>
/// The loop of a run, in one piece.
/// <code>
/// batch ─► loss, gradient ─► guard ─► clip, AdamW ─► sample, validation, when due ─► checkpoint, when due
///   ▲                                     └───── each a record to the journal and other listeners ────┘   │
///   └──────────────────────────────────────────────────────────────────────────────────────────────────────┘
/// </code>
/// Where several updates are read from the device together, the guard comes after them (<see cref="UnreadUpdates"/>).
/// </summary>
/// <param name="journal">Its length goes into checkpoints; it is one of those that <paramref name="emit"/> reaches.</param>
/// <param name="emit">Takes every record.</param>
/// <param name="clock">For speeds and the time limit.</param>
public sealed class TrainingLoop(TrainingSession session, RunFolder run, JournalWriter journal, Action<JournalRecord> emit, TimeProvider clock)
{
    private readonly Recipe _recipe = session.Recipe;

    /// <summary>What a matrix product reaches on the device, operations per second; null leaves the journal without MFU.</summary>
    public double? MatmulRate { get; init; }

    /// <summary>After so long the loop saves and comes back; null never.</summary>
    public TimeSpan? MaxTime { get; init; }

    /// <summary>Where the run stands.</summary>
    public TrainerState? State { get; private set; }

    /// <summary>Goes on from <paramref name="from"/> (null: the beginning) until all updates are done, or one of the other <see cref="RunEnd"/>s; then a checkpoint is saved.</summary>
    /// <exception cref="DivergedError">The guard stopped the run; a checkpoint of the last good weights is saved.</exception>
    public (RunEnd End, string Checkpoint) Run(TrainerState? from, CancellationToken cancellationToken)
    {
        var step = new TrainingStep(session.Model, session.Optimizer, new LearningRateSchedule(_recipe.Schedule), _recipe.Optimizer.Clip);
        double flops = ModelFlops.PerToken(session.Model.Architecture, _recipe.Data.SequenceLength);
        var guard = new DivergenceGuard(_recipe.Run.OnSpike, _recipe.Run.SpikeZ, from?.Guard);
        long every = UnreadUpdates.Every(_recipe.Run, session.Model.Placement.Device.type);
        using var unread = new UnreadUpdates(every, step, session.Optimizer, guard, clock, emit, (number, tokens, report, verdict, tokensPerSecond) =>
            Record(number, tokens, report, verdict, tokensPerSecond, tokensPerSecond * flops / MatmulRate));
        long begin = clock.GetTimestamp();
        long done = from?.Step ?? 0;
        long tokens = from is null ? 0 : from.Tokens ?? (from.SequencesTaken * _recipe.Data.SequenceLength);
        BestValidation? best = from?.Best;
        while (true)
        {
            using DisposeScope scope = NewDisposeScope();
            unread.Begin();
            UpdateBatch batch = session.Batches.At(done);
            StepMeasurement? measured = step.Measure(done, batch, unread.Last, cancellationToken);
            if (measured is not null)
            {
                done++;
                tokens += batch.Tokens;
                unread.Add(done, tokens, batch.Tokens, measured);
            }
            bool last = done >= _recipe.Schedule.Steps;
            bool samples = _recipe.Run.SampleEvery > 0 && done % _recipe.Run.SampleEvery == 0;
            bool validates = last || done % _recipe.Run.EvalEvery == 0;
            bool saves = done % _recipe.Run.SaveEvery == 0;
            bool ends = last || cancellationToken.IsCancellationRequested || clock.GetElapsedTime(begin) >= MaxTime;
            if (!(unread.AreDue || samples || validates || saves || ends))
            {
                continue;
            }
            if (unread.Read() is (long number, long before, string message))
            {
                throw new DivergedError($"update {number}: {message}: the run diverged. The weights before it are saved in {Save(number - 1, before, best, guard)}. "
                    + "Start another run with a lower --learning-rate, a longer --warmup-steps or --clip 1, or go on with --resume --on-spike skip.");
            }
            if (measured is null)
            {
                return (RunEnd.Stopped, Save(done, tokens, best, guard));
            }
            if (samples)
            {
                emit(new SampleRecord(done, _recipe.Run.SamplePrompt, TextSample.Write(session.Model, session.Source.Tokenizer, _recipe.Run.SamplePrompt, _recipe.Run.Seed + (ulong)done)));
            }
            if (validates && session.Validation.Run(session.Model) is ValidationReport validation)
            {
                best = BestValidation.After(best, done, validation.Loss);
                emit(Record(done, tokens, validation));
            }
            RunEnd? end = last ? RunEnd.Finished
                : cancellationToken.IsCancellationRequested ? RunEnd.Stopped
                : IsOver(best, _recipe.Run.Patience) ? RunEnd.EarlyStop
                : clock.GetElapsedTime(begin) >= MaxTime ? RunEnd.TimeLimit
                : null;
            if (end is not null || best?.Step == done || saves)
            {
                string checkpoint = Save(done, tokens, best, guard);
                if (end is RunEnd reason)
                {
                    return (reason, checkpoint);
                }
            }
        }
    }

    /// <summary>Whether early stopping ends a run.</summary>
    public static bool IsOver(BestValidation? best, int patience) => patience > 0 && best?.Since >= patience;

    private string Save(long done, long tokens, BestValidation? best, DivergenceGuard guard)
    {
        // The journal first: a checkpoint never claims lines that the disk does not have.
        journal.Flush();
        IReadOnlyList<long> counts = session.Optimizer.Counts;
        State = new TrainerState
        {
            Step = done,
            OptimizerSteps = counts.Max(),
            OptimizerCounts = counts.Distinct().Count() > 1 ? counts : null,
            SequencesTaken = done * _recipe.Data.BatchSize,
            Tokens = tokens,
            JournalLength = journal.Length,
            RandomState = RunFolder.RandomState(),
            Data = session.Source.Directory,
            DataHash = session.Source.Hash,
            Recipe = JsonSerializer.SerializeToElement(RecipeJson.Write(_recipe)),
            Best = best,
            Guard = guard.State,
        };
        using IDisposable? merged = session.Adapters?.Merge();
        return run.Save(session.Model, session.Optimizer, State, _recipe, session.Source.Tokenizer.Path, session.MoreFiles);
    }

    private static StepRecord Record(long step, long tokens, StepReport report, GuardVerdict verdict, double tokensPerSecond, double? mfu) => new()
    {
        Step = step,
        Tokens = tokens,
        ValidTokens = report.ValidTokens,
        Loss = Finite(report.Loss),
        Lr = report.LearningRate,
        GradNorm = Finite(report.Gradient.Total),
        BlockGradNorm = report.IsFinite ? report.Gradient.Blocks : null,
        Skipped = verdict == GuardVerdict.Skip ? true : null,
        TokensPerSecond = Math.Round(tokensPerSecond, 1),
        Mfu = mfu is double share ? Math.Round(share, 4) : null,
        Memory = Environment.WorkingSet,
    };

    private static ValidationRecord Record(long step, long tokens, ValidationReport measured) => new()
    {
        Step = step,
        Tokens = tokens,
        Loss = Finite(measured.Loss),
        Perplexity = Finite(measured.Perplexity),
        ValidationTokens = measured.Tokens,
        PaperPerplexity = measured.PaperPerplexity is double paper ? Finite(paper) : null,
        AnswerAccuracy = measured.AnswerAccuracy,
        BlockOutputVariance = measured.BlockOutputVariance.All(double.IsFinite) ? measured.BlockOutputVariance : null,
    };

    /// <summary>JSON has no other numbers.</summary>
    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}
