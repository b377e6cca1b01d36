using Factory.Core.Checkpoints;
using Factory.Core.Journal;
using Factory.Trainer.Model;
using Factory.Trainer.Recipes;
using Factory.Trainer.Tests.Data;
using Factory.Trainer.Tests.Model;
using Factory.Trainer.Tests.Recipes;
using Factory.Trainer.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Tests.Training;

public sealed class TrainingLoopTests(SmallTokens tokens) : IClassFixture<SmallTokens>
{
    private static readonly Recipe Small = RecipeTests.Resolve(
        ("steps", "12"), ("warmup_steps", "2"), ("batch_size", "4"), ("micro_batch_size", "2"), ("sequence_length", "16"), ("save_every", "3"), ("eval_every", "4"),
        ("eval_tokens", "100"), ("learning_rate", "0.01"), ("blocks", "3"), ("hidden_size", "32"), ("intermediate_size", "48"));

    [Fact]
    public void The_number_of_live_tensors_is_the_same_after_every_step()
    {
        var live = new List<long>();
        Run(Small, record =>
        {
            if (record is StepRecord)
            {
                live.Add(DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
            }
        });
        Assert.Equal(12, live.Count);
        Assert.Single(live.Distinct());
    }

    [Fact]
    public void The_journal_has_a_record_a_step_and_a_validation_when_it_is_due_and_the_newest_checkpoints_stay()
    {
        (RunEnd end, JournalRecord[] records, long[] checkpoints) = Run(Small);
        Assert.Equal(RunEnd.Finished, end);
        StepRecord[] steps = [.. records.OfType<StepRecord>()];
        ValidationRecord[] validations = [.. records.OfType<ValidationRecord>()];
        Assert.Equal(Enumerable.Range(1, 12), steps.Select(step => (int)step.Step));
        Assert.All(steps, step => Assert.Equal((step.Step * 64, 64L, 3), (step.Tokens, step.ValidTokens, step.BlockGradNorm!.Count)));
        Assert.Equal(0, steps[0].Lr);
        Assert.All(steps, step => Assert.True(step.Mfu > 0 && step.Memory > 0));
        Assert.Equal([4L, 8L, 12L], validations.Select(validation => validation.Step));
        Assert.Equal(100, validations[^1].ValidationTokens);
        Assert.Equal(Math.Exp(validations[^1].Loss!.Value), validations[^1].Perplexity!.Value, 1e-9);
        Assert.Equal(3, validations[^1].BlockOutputVariance!.Count);
        Assert.Equal(validations.Select(validation => validation.Loss).OrderDescending(), validations.Select(validation => validation.Loss));
        Assert.Equal([9L, 12L], checkpoints);
    }

    [Fact]
    public void A_run_whose_validation_no_longer_falls_ends_early_and_keeps_the_best_checkpoint()
    {
        // A rate at which the loss rises.
        Recipe recipe = Small with
        {
            Schedule = Small.Schedule with { LearningRate = 0.5, Steps = 100, Shape = ScheduleShape.Constant, WarmupSteps = 0 },
            Run = Small.Run with { EvalEvery = 2, Patience = 3, OnSpike = SpikeAction.Ignore },
        };
        (RunEnd end, JournalRecord[] records, long[] checkpoints) = Run(recipe);
        Assert.Equal(RunEnd.EarlyStop, end);
        ValidationRecord[] validations = [.. records.OfType<ValidationRecord>()];
        Assert.Equal(validations.MinBy(validation => validation.Loss), validations[^4]);
        Assert.Contains(validations[^4].Step, checkpoints);
    }

    [Fact]
    public void A_time_limit_saves_and_comes_back()
    {
        (RunEnd end, JournalRecord[] records, long[] checkpoints) = Run(Small, maxTime: TimeSpan.FromTicks(1));
        Assert.Equal(RunEnd.TimeLimit, end);
        Assert.Equal((1, 1L), (records.OfType<StepRecord>().Count(), Assert.Single(checkpoints)));
    }

    [Fact]
    public void Text_is_sampled_when_it_is_due_and_training_goes_on_as_without_it()
    {
        JournalRecord[] plain = Run(Small).Records;
        JournalRecord[] sampled = Run(Small with { Run = Small.Run with { SampleEvery = 5, SamplePrompt = "ROMEO:" } }).Records;
        SampleRecord[] samples = [.. sampled.OfType<SampleRecord>()];
        Assert.Equal([5L, 10L], samples.Select(sample => sample.Step));
        Assert.All(samples, sample => Assert.StartsWith("ROMEO:", sample.Text, StringComparison.Ordinal));
        Assert.All(samples, sample => Assert.True(sample.Text.Length > 10));
        Assert.Equal(plain.OfType<StepRecord>().Select(step => step.Loss), sampled.OfType<StepRecord>().Select(step => step.Loss));
    }

    [Fact]
    public void The_papers_perplexity_divides_the_sum_of_batch_means_by_one_batch_too_many()
    {
        using LlamaModel model = Model();
        Recipe recipe = Small with { Run = Small.Run with { EvalTokens = 96, PaperEval = true } };
        ValidationReport report = Validation.FromSplit(tokens.Data.Validation, null, recipe).Run(model)!; // 6 rows in 3 batches of equal size
        Assert.Equal(Math.Exp(report.Loss * 3 / 4), report.PaperPerplexity!.Value, 1e-9);
        Assert.Null(Validation.FromSplit(tokens.Data.Validation, null, Small).Run(model)!.PaperPerplexity);
    }

    [Fact]
    public void Pure_bfloat16_keeps_weights_and_moments_in_it_and_learns()
    {
        (_, JournalRecord[] records, _) = Run(Small with { Run = Small.Run with { Precision = Precision.PureBf16 } });
        double[] losses = [.. records.OfType<StepRecord>().Select(step => step.Loss!.Value)];
        Assert.True(losses[^1] < losses[0] - 0.2, $"{losses[0]} → {losses[^1]}");
    }

    [Fact]
    public void Validation_weights_every_token_alike_whatever_the_batches()
    {
        using LlamaModel model = Model();
        Recipe recipe = Small with { Run = Small.Run with { EvalTokens = 90 } };
        ValidationReport one = Validation.FromSplit(tokens.Data.Validation, null, recipe).Run(model)!;
        ValidationReport other = Validation.FromSplit(tokens.Data.Validation, null, recipe with { Data = recipe.Data with { MicroBatchSize = 1 } }).Run(model)!;
        Assert.Equal(90, one.Tokens);
        Assert.Equal(one.Loss, other.Loss, 1e-6);

        // By hand: windows of 16 side by side, the last one of 10.
        using var noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        var ids = new long[91];
        tokens.Data.Validation.Read(0, ids);
        double sum = 0;
        for (int start = 0; start < 90; start += 16)
        {
            int time = Math.Min(16, 90 - start);
            Tensor logits = model.forward(tensor(ids[start..(start + time)], [1, time]));
            sum += nn.functional.cross_entropy(logits[0], tensor(ids[(start + 1)..(start + time + 1)]), reduction: nn.Reduction.Sum).item<float>();
        }
        Assert.Equal(sum / 90, one.Loss, 1e-5);
    }

    [Fact]
    public void A_diverged_run_saves_the_weights_before_the_update_and_stops_with_a_line()
    {
        using var folder = new TemporaryFolder();
        using var session = new TrainingSession(Small, tokens.Data, CPU);
        session.Initialize();
        using (no_grad())
        {
            session.Model.HeadWeight[0, 0].fill_(float.PositiveInfinity);
        }
        var run = new RunFolder(folder.At("run"));
        Directory.CreateDirectory(run.Path);
        using JournalWriter journal = JournalWriter.Open(run.Path, 0);
        var loop = new TrainingLoop(session, run, journal, journal.Append, TimeProvider.System);
        // The probe of broken weights is refused too; either way the line names the numbers.
        Core.UserError error = Assert.ThrowsAny<Core.UserError>(() => loop.Run(null, CancellationToken.None));
        Assert.Contains("finite", error.Message, StringComparison.Ordinal);
        Assert.Equal("diverged", Assert.IsType<EventRecord>(Assert.Single(JournalFile.Read(run.Path))).Kind);
        Assert.Equal(0, session.Optimizer.Steps);
    }

    [Fact]
    public void A_stop_between_micro_batches_leaves_the_weights_as_they_were()
    {
        using LlamaModel model = Model();
        using AdamW optimizer = TestSteps.Optimizer(model);
        Assert.Null(TestSteps.Step(model, optimizer).Measure(0, BatchRows.Next([0, 1, 2]), cancellationToken: new CancellationToken(canceled: true)));
        Assert.Equal(0, optimizer.Steps);
    }

    private (RunEnd End, JournalRecord[] Records, long[] Checkpoints) Run(Recipe recipe, Action<JournalRecord>? listen = null, TimeSpan? maxTime = null)
    {
        using var folder = new TemporaryFolder();
        using var session = new TrainingSession(recipe, tokens.Data, CPU);
        session.Initialize();
        var run = new RunFolder(folder.At("run"));
        Directory.CreateDirectory(run.Path);
        RunEnd end;
        using (JournalWriter journal = JournalWriter.Open(run.Path, 0))
        {
            var loop = new TrainingLoop(session, run, journal, record => { journal.Append(record); listen?.Invoke(record); }, TimeProvider.System) { MatmulRate = 1e9, MaxTime = maxTime };
            (end, _) = loop.Run(null, CancellationToken.None);
        }
        return (end, [.. JournalFile.Read(run.Path)], [.. CheckpointFolder.Steps(run.Path).Select(found => found.Step)]);
    }

    private LlamaModel Model()
    {
        var model = new LlamaModel(TestModels.Tiny() with { VocabularySize = tokens.Data.Tokenizer.VocabularySize }, ModelPlacement.Cpu());
        WeightInitializer.Initialize(model, seed: 4);
        return model;
    }
}
