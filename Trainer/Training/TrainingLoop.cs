using System.Text.Json.Nodes;
using Factory.Trainer.Model;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Training;

/// <summary>
/// The loop of a run, in one piece.
/// <code>
/// batches ─► step (forward, backward, clip, AdamW) ─► validation, when due ─► journal line ─► checkpoint, when due
///    ▲                                                                                            │
///    └────────────────────────────────────────────────────────────────────────────────────────────┘
/// </code>
/// </summary>
public sealed class TrainingLoop(
    RunFolder run, LlamaModel model, AdamW optimizer, TrainingBatches batches, Validation validation, TrainingOptions options, TimeProvider clock)
{
    /// <summary>Directory and content hash of the tokens, and the tokenizer they were made with; go into every checkpoint.</summary>
    public required (string Path, string Hash, string Tokenizer) Data { get; init; }

    /// <summary>Called after each update with its number from one, its report and its tokens per second.</summary>
    public Action<long, StepReport, double>? Progress { get; init; }

    /// <summary>Goes on after <paramref name="done"/> updates until all are done, or until <paramref name="stop"/>; then a checkpoint is saved.</summary>
    /// <returns>Updates done and the last checkpoint.</returns>
    public (long Done, string Checkpoint) Run(long done, Journal journal, CancellationToken stop)
    {
        var schedule = new LearningRateSchedule(options.LearningRate, options.WarmupSteps, options.Steps);
        var step = new TrainingStep(model, optimizer, schedule, options.Clip);
        long tokensPerStep = (long)options.BatchSize * options.SequenceLength;
        while (true)
        {
            using DisposeScope scope = NewDisposeScope();
            long start = clock.GetTimestamp();
            if (step.RunUnlessStopped(done, batches.At(done * options.BatchSize), stop) is not StepReport report)
            {
                return (done, Save(done, journal));
            }
            double tokensPerSecond = tokensPerStep / clock.GetElapsedTime(start).TotalSeconds;
            done++;

            bool last = done == options.Steps;
            ValidationReport? measured = last || done % options.EvalEvery == 0 ? validation.Run(model) : null;
            journal.Append(Line(done, done * tokensPerStep, report, tokensPerSecond, measured));
            Progress?.Invoke(done, report, tokensPerSecond);

            bool stopping = stop.IsCancellationRequested;
            if (last || stopping || done % options.SaveEvery == 0)
            {
                string checkpoint = Save(done, journal);
                if (last || stopping)
                {
                    return (done, checkpoint);
                }
            }
        }
    }

    private string Save(long done, Journal journal)
    {
        // The journal first: a checkpoint never claims lines that the disk does not have.
        journal.Flush();
        return run.Save(model, optimizer, new TrainerState
        {
            Step = done,
            SequencesTaken = done * options.BatchSize,
            JournalLength = journal.Length,
            RandomState = RunFolder.RandomState(),
            Data = Data.Path,
            DataHash = Data.Hash,
            Options = options,
        }, Data.Tokenizer);
    }

    private static JsonObject Line(long step, long tokens, StepReport report, double tokensPerSecond, ValidationReport? measured)
    {
        var line = new JsonObject
        {
            ["step"] = step,
            ["tokens"] = tokens,
            ["loss"] = report.Loss,
            ["lr"] = report.LearningRate,
            ["grad_norm"] = report.GradientNorm,
            ["tokens_per_second"] = Math.Round(tokensPerSecond, 1),
        };
        if (measured is not null)
        {
            line["validation_loss"] = measured.Loss;
            line["perplexity"] = measured.Perplexity;
            line["validation_tokens"] = measured.Tokens;
            line["block_output_variance"] = new JsonArray([.. measured.BlockOutputVariance.Select(variance => (JsonNode)variance)]);
        }
        return line;
    }
}
