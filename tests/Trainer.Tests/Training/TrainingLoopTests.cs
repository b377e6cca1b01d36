using System.Text.Json.Nodes;
using Factory.Core.Checkpoints;
using Factory.Trainer.Model;
using Factory.Trainer.Tests.Model;
using Factory.Trainer.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Tests.Training;

public sealed class TrainingLoopTests(SmallTokens tokens) : IClassFixture<SmallTokens>
{
    private static readonly JsonObject Small = new()
    {
        ["steps"] = 12,
        ["warmup_steps"] = 2,
        ["batch_size"] = 4,
        ["micro_batch_size"] = 2,
        ["sequence_length"] = 16,
        ["save_every"] = 3,
        ["eval_every"] = 4,
        ["eval_tokens"] = 100,
        ["learning_rate"] = 0.01,
        ["blocks"] = 3,
    };

    [Fact]
    public void The_number_of_live_tensors_is_the_same_after_every_step()
    {
        using var folder = new TemporaryFolder();
        var live = new List<long>();
        RunAll(folder, Small, (_, _, _) => live.Add(DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount));
        Assert.Equal(12, live.Count);
        Assert.Single(live.Distinct());
    }

    [Fact]
    public void The_journal_has_one_line_a_step_with_validation_when_it_is_due_and_the_newest_checkpoints_stay()
    {
        using var folder = new TemporaryFolder();
        RunAll(folder, Small, null);
        JsonObject[] lines = [.. File.ReadLines(folder.At("run", Journal.FileName)).Select(line => (JsonObject)JsonNode.Parse(line)!)];
        Assert.Equal(Enumerable.Range(1, 12), lines.Select(line => (int)line["step"]!));
        Assert.Equal([4, 8, 12], lines.Where(line => line["validation_loss"] is not null).Select(line => (int)line["step"]!));
        Assert.All(lines, line => Assert.Equal((int)line["step"]! * 64, (int)line["tokens"]!));
        Assert.Equal(0, (double)lines[0]["lr"]!);
        JsonObject last = lines[^1];
        Assert.Equal(100, (int)last["validation_tokens"]!);
        Assert.Equal(Math.Exp((double)last["validation_loss"]!), (double)last["perplexity"]!, 1e-9);
        Assert.Equal(3, ((JsonArray)last["block_output_variance"]!).Count);
        double[] validation = [.. lines.Where(line => line["validation_loss"] is not null).Select(line => (double)line["validation_loss"]!)];
        Assert.Equal(validation.OrderDescending(), validation);
        Assert.Equal([9L, 12L], CheckpointFolder.Steps(folder.At("run")).Select(found => found.Step));
    }

    [Fact]
    public void Validation_weights_every_token_alike_whatever_the_batches()
    {
        using LlamaModel model = Model();
        TrainingOptions options = Options(Small);
        ValidationReport one = new Validation(tokens.Data.Validation, options with { EvalTokens = 90 }).Run(model)!;
        ValidationReport other = new Validation(tokens.Data.Validation, options with { EvalTokens = 90, MicroBatchSize = 1 }).Run(model)!;
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
    public void A_diverged_run_stops_with_a_line_and_leaves_the_weights_as_they_were()
    {
        using DisposeScope scope = NewDisposeScope();
        using LlamaModel model = Model();
        using (no_grad())
        {
            model.HeadWeight.fill_(float.PositiveInfinity);
        }
        using var optimizer = new AdamW(model, new AdamWOptions());
        var step = new TrainingStep(model, optimizer, new LearningRateSchedule(1, 0, 1), clip: 0);
        Tensor ids = zeros([1, 4], ScalarType.Int64);
        Assert.Contains("diverged", Assert.Throws<Core.UserError>(() => step.Run(0, [(ids, ids)])).Message, StringComparison.Ordinal);
        Assert.Equal(0, optimizer.Steps);
    }

    [Fact]
    public void A_stop_between_micro_batches_leaves_the_weights_as_they_were()
    {
        using LlamaModel model = Model();
        using var optimizer = new AdamW(model, new AdamWOptions());
        var step = new TrainingStep(model, optimizer, new LearningRateSchedule(1, 0, 1), clip: 0);
        Tensor ids = zeros([1, 4], ScalarType.Int64);
        Assert.Null(step.RunUnlessStopped(0, [(ids, ids)], new CancellationToken(canceled: true)));
        Assert.Equal(0, optimizer.Steps);
    }

    private void RunAll(TemporaryFolder folder, JsonObject given, Action<long, StepReport, double>? progress)
    {
        TrainingOptions options = Options(given);
        using LlamaModel model = Model();
        using var optimizer = new AdamW(model, new AdamWOptions());
        var run = new RunFolder(folder.At("run"));
        using Journal journal = Journal.Open(run.Path, 0);
        var loop = new TrainingLoop(run, model, optimizer, new TrainingBatches(tokens.Data.Train, options, CPU), new Validation(tokens.Data.Validation, options), options, TimeProvider.System)
        {
            Data = (tokens.Data.Directory, "hash", tokens.Data.Tokenizer.Path),
            Progress = progress,
        };
        Assert.Equal(12, loop.Run(0, journal, CancellationToken.None).Done);
    }

    private LlamaModel Model()
    {
        var model = new LlamaModel(TestModels.Tiny() with { VocabularySize = tokens.Data.Tokenizer.VocabularySize }, ModelPlacement.Cpu());
        WeightInitializer.Initialize(model, seed: 4);
        return model;
    }

    private static TrainingOptions Options(JsonObject given) =>
        TrainingOptions.Of(Core.Architecture.Preset.Named("nano"), "fp32").With(given);
}
