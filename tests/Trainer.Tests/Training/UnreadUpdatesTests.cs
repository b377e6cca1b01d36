using Factory.Core.Checkpoints;
using Factory.Core.Journal;
using Factory.Trainer.Data;
using Factory.Trainer.Kernels;
using Factory.Trainer.Model;
using Factory.Trainer.Recipes;
using Factory.Trainer.Tests.Data;
using Factory.Trainer.Tests.Model;
using Factory.Trainer.Tests.Recipes;
using Factory.Trainer.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Tests.Training;

/// <summary>Reading the numbers of several updates together changes nothing but when they are seen.</summary>
public sealed class UnreadUpdatesTests(SmallTokens tokens) : IClassFixture<SmallTokens>
{
    private static readonly Recipe Small = RecipeTests.Resolve(
        ("steps", "12"), ("warmup_steps", "2"), ("batch_size", "4"), ("micro_batch_size", "2"), ("sequence_length", "16"), ("save_every", "8"), ("eval_every", "7"),
        ("eval_tokens", "100"), ("learning_rate", "0.01"), ("blocks", "2"), ("hidden_size", "32"), ("intermediate_size", "48"));

    private static readonly UpdateBatch Batch = BatchRows.Next([1, 2, 3, 4, 5, 6], [9, 8, 7, 6, 5, 4]);

    public static TheoryData<string> Kernels => [.. KernelSet.All.Values.Where(set => set.IsAvailable).Select(set => set.Name)];

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Losses_norms_and_checkpoints_are_those_of_reading_each(string kernels)
    {
        Outcome one = Run(Small with { Run = Small.Run with { Kernels = kernels, LogEvery = 1 } });
        foreach (long every in new[] { 3L, 100L })
        {
            Outcome several = Run(Small with { Run = Small.Run with { Kernels = kernels, LogEvery = every } });
            Assert.Equal(one.Records, several.Records);
            Assert.Equal(one.Weights, several.Weights);
            Assert.Equal(one.Moments, several.Moments);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(6)]
    [InlineData(8)]
    public void A_run_that_was_stopped_anywhere_goes_on_as_if_it_was_not(long stop)
    {
        Recipe recipe = Small with { Run = Small.Run with { LogEvery = 5 } };
        Outcome whole = Run(recipe);
        Outcome resumed = Run(recipe, stop);
        Assert.Equal(whole.Records, resumed.Records);
        Assert.Equal(whole.Weights, resumed.Weights);
        Assert.Equal(whole.Moments, resumed.Moments);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void An_update_that_is_not_finite_and_all_after_it_change_nothing(string kernels)
    {
        using DisposeScope scope = NewDisposeScope();
        using var model = new LlamaModel(TestModels.Tiny(), ModelPlacement.Cpu() with { Kernels = KernelSet.Named(kernels) });
        WeightInitializer.Initialize(model, seed: 6, embeddingDeviation: 0.5);
        using AdamW optimizer = TestSteps.Optimizer(model);
        TrainingStep step = TestSteps.Step(model, optimizer);
        var records = new List<JournalRecord>();
        using var unread = new UnreadUpdates(
            5, step, optimizer, new DivergenceGuard(SpikeAction.Warn, 8), TimeProvider.System, records.Add,
            (number, count, report, _, _) => new StepRecord { Step = number, Tokens = count, ValidTokens = report.ValidTokens, Loss = report.Loss, Lr = report.LearningRate, GradNorm = report.Gradient.Total, BlockGradNorm = null, TokensPerSecond = 0, Memory = 0 });
        Update(1);
        Tensor good = model.Buffer.Values.clone();
        using (no_grad())
        {
            model.HeadWeight[0, 0].fill_(float.PositiveInfinity);
            Update(2);
            model.Buffer.Values.copy_(good);
        }
        Update(3);
        Update(4);

        (long number, long before, string message) = unread.Read()!.Value;
        Assert.Equal((2, 10), (number, before));
        Assert.Contains("finite", message, StringComparison.Ordinal);
        Assert.Equal([1L], records.OfType<StepRecord>().Select(record => record.Step));
        Assert.Equal("diverged", Assert.IsType<EventRecord>(records[^1]).Kind);
        Assert.True(model.Buffer.Values.Equals(good));
        Assert.Equal(1, optimizer.Steps);
        Assert.True(unread.AreNone);

        // What was read does not hold back what comes after.
        Update(2);
        Assert.False(model.Buffer.Values.Equals(good));

        void Update(long update)
        {
            unread.Begin();
            using (enable_grad())
            {
                unread.Add(update, update * 10, 10, step.Measure(update, Batch, unread.Last, TestContext.Current.CancellationToken)!);
            }
        }
    }

    [Theory]
    [InlineData(SpikeAction.Warn, 0, DeviceType.CPU, 1)]
    [InlineData(SpikeAction.Warn, 0, DeviceType.CUDA, 10)]
    [InlineData(SpikeAction.Ignore, 3, DeviceType.CUDA, 3)]
    [InlineData(SpikeAction.Ignore, 7, DeviceType.CPU, 7)]
    [InlineData(SpikeAction.Skip, 7, DeviceType.CUDA, 1)]
    [InlineData(SpikeAction.Stop, 0, DeviceType.CUDA, 1)]
    public void Where_each_update_is_decided_about_each_is_read(SpikeAction action, long asked, DeviceType device, long expected) =>
        Assert.Equal(expected, UnreadUpdates.Every(Small.Run with { OnSpike = action, LogEvery = asked }, device));

    private sealed record Outcome(object[] Records, byte[] Weights, byte[] Moments);

    /// <param name="stop">Ends the run when this update is recorded, and goes on from its checkpoint with everything made anew.</param>
    private Outcome Run(Recipe recipe, long? stop = null)
    {
        using var folder = new TemporaryFolder();
        var run = new RunFolder(folder.At("run"));
        Directory.CreateDirectory(run.Path);
        using var stopping = new CancellationTokenSource();
        (TrainerState state, string checkpoint) = Part(null, null, stopping.Token);
        if (stop is not null)
        {
            Assert.InRange(state.Step, stop.Value, 11);
            (_, checkpoint) = Part(state, checkpoint, CancellationToken.None);
        }
        object[] records = [.. JournalFile.Read(run.Path).Select(record => record switch
        {
            StepRecord step => (object)(step.Step, step.Tokens, step.Loss, step.Lr, step.GradNorm, string.Join(' ', step.BlockGradNorm!)),
            ValidationRecord validation => (validation.Step, validation.Loss),
            _ => record,
        })];
        return new Outcome(records, File.ReadAllBytes(Path.Combine(checkpoint, CheckpointFolder.WeightsFile)), File.ReadAllBytes(Path.Combine(checkpoint, RunFolder.OptimizerFile)));

        (TrainerState, string) Part(TrainerState? from, string? begun, CancellationToken stopped)
        {
            using var session = new TrainingSession(recipe, tokens.Data, CPU);
            session.Initialize();
            if (from is not null)
            {
                session.Restore(begun!, from);
            }
            using JournalWriter journal = JournalWriter.Open(run.Path, from?.JournalLength ?? 0);
            var loop = new TrainingLoop(session, run, journal, Take, TimeProvider.System);
            (_, string saved) = loop.Run(from, stopped);
            return (loop.State!, saved);

            void Take(JournalRecord record)
            {
                journal.Append(record);
                if (record is StepRecord step && step.Step == stop)
                {
                    stopping.Cancel();
                }
            }
        }
    }
}
