using Factory.Core;
using Factory.Core.Checkpoints;
using Factory.Core.Disk;
using Factory.Trainer.Checkpoints;
using Factory.Trainer.Data;
using Factory.Trainer.Model;
using Factory.Trainer.Recipes;
using Factory.Trainer.Tests.Data;
using Factory.Trainer.Tests.Model;
using Factory.Trainer.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Tests.Training;

public sealed class RunFolderTests : IDisposable
{
    private static readonly Recipe Recipe = Recipe.Resolve(new RecipeChanges(), Precision.Fp32);

    private readonly TemporaryFolder _folder = new();
    private readonly LlamaModel _model = new(TestModels.Tiny(), ModelPlacement.Cpu());
    private readonly AdamW _optimizer;
    private readonly RunFolder _run;
    private readonly string _tokenizer;

    public RunFolderTests()
    {
        WeightInitializer.Initialize(_model, seed: 1);
        _optimizer = TestSteps.Optimizer(_model);
        _run = new RunFolder(_folder.At("run"));
        _tokenizer = _folder.At("some.model");
        File.WriteAllText(_tokenizer, "a tokenizer");
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        _model.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Weights_optimizer_and_random_state_come_back_bit_for_bit()
    {
        using DisposeScope scope = NewDisposeScope();
        TrainingStep step = TestSteps.Step(_model, _optimizer);
        UpdateBatch batch = BatchRows.Next([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
        step.Run(0, batch);
        string checkpoint = Save(State(1) with { OptimizerSteps = 1 });
        StepReport expected = step.Run(1, batch);

        using var other = new LlamaModel(_model.Architecture, ModelPlacement.Cpu());
        using AdamW optimizer = TestSteps.Optimizer(other);
        RunFolder.Restore(checkpoint, _run.Newest(Assert.Fail)!.Value.State, other, optimizer);
        Assert.Equal(1, optimizer.Steps);
        StepReport found = TestSteps.Step(other, optimizer).Run(1, batch);
        Assert.Equal((expected.Loss, expected.Gradient.Total), (found.Loss, found.Gradient.Total));
        Assert.All(_model.Weights, named => Assert.True(named.Value.Equals(other.Weights[named.Key]), named.Key));
    }

    [Fact]
    public void Only_the_newest_checkpoints_are_kept()
    {
        for (int step = 1; step <= 4; step++)
        {
            Save(State(step));
        }
        Assert.Equal([3L, 4L], CheckpointFolder.Steps(_run.Path).Select(found => found.Step));
    }

    [Fact]
    public void The_checkpoint_with_the_best_validation_is_kept_beside_the_newest_and_named()
    {
        for (int step = 1; step <= 5; step++)
        {
            Save(State(step) with { Best = new BestValidation(2, 1.5, 0) });
        }
        Assert.Equal([2L, 4L, 5L], CheckpointFolder.Steps(_run.Path).Select(found => found.Step));
        Assert.Equal("step-00000002\n", File.ReadAllText(Path.Combine(_run.Path, RunFolder.BestFile)));
    }

    [Fact]
    public void A_good_checkpoint_is_never_set_aside_because_something_else_is_wrong()
    {
        string target = CheckpointFolder.OfStep(_run.Path, 0);
        CheckpointWriter.Write(target, _model, null, new Dictionary<string, string>());
        Assert.Contains("imported", Assert.Throws<UserError>(() => _run.Newest(Assert.Fail)).Message, StringComparison.Ordinal);

        string newer = Save(State(3));
        string manifest = Path.Combine(newer, Manifest.FileName);
        File.WriteAllText(manifest, File.ReadAllText(manifest).Replace("\"format_version\": 1", "\"format_version\": 2", StringComparison.Ordinal));
        Assert.Contains("another version of Factory", Assert.Throws<UserError>(() => _run.Newest(Assert.Fail)).Message, StringComparison.Ordinal);
        Assert.Equal([0L, 3L], CheckpointFolder.Steps(_run.Path).Select(found => found.Step));
    }

    [Fact]
    public void A_run_that_another_process_trains_is_not_taken_and_one_in_which_nothing_began_leaves_no_trace()
    {
        using (RunLock.Acquire(_run.Path))
        {
            Assert.Contains("no other process", Assert.Throws<UserError>(() => RunLock.Acquire(_run.Path)).Message, StringComparison.Ordinal);
        }
        Assert.False(Directory.Exists(_run.Path));
        using (RunLock.Acquire(_run.Path))
        {
            Save(State(1));
        }
        Assert.True(_run.IsStarted);
    }

    [Theory]
    [InlineData("model.safetensors")]
    [InlineData("optimizer.safetensors")]
    [InlineData("trainer_state.json")]
    public void A_truncated_newest_checkpoint_is_set_aside_with_a_line_and_the_one_before_it_is_used(string file)
    {
        Save(State(1));
        string damaged = Save(State(2));
        using (FileStream stream = File.OpenWrite(Path.Combine(damaged, file)))
        {
            stream.SetLength(stream.Length / 2);
        }
        var lines = new List<string>();
        (string path, TrainerState state) = _run.Newest(lines.Add)!.Value;
        Assert.Equal(1, state.Step);
        Assert.Equal(CheckpointFolder.OfStep(_run.Path, 1), path);
        Assert.Contains(file, Assert.Single(lines), StringComparison.Ordinal);
        Assert.Equal([1L], CheckpointFolder.Steps(_run.Path).Select(found => found.Step));
    }

    [Fact]
    public void A_checkpoint_that_cannot_be_written_leaves_the_last_good_one_and_nothing_half_written()
    {
        Save(State(1));
        Assert.Throws<UserError>(() => _run.Save(_model, _optimizer, State(2), Recipe, _folder.At("missing.model")));
        Assert.Equal(1, _run.Newest(Assert.Fail)!.Value.State.Step);
        Assert.Equal(["step-00000001"], Directory.EnumerateFileSystemEntries(Path.Combine(_run.Path, "checkpoints")).Select(Path.GetFileName));
    }

    private static TrainerState State(long step) => new()
    {
        Step = step,
        SequencesTaken = step * 16,
        JournalLength = 0,
        RandomState = RunFolder.RandomState(),
        Data = "data",
        DataHash = "hash",
        Recipe = System.Text.Json.JsonSerializer.SerializeToElement(RecipeJson.Write(Recipe)),
    };

    private string Save(TrainerState state) => _run.Save(_model, _optimizer, state, Recipe, _tokenizer);
}
