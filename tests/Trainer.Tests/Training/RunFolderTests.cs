using Factory.Core;
using Factory.Core.Architecture;
using Factory.Core.Checkpoints;
using Factory.Trainer.Model;
using Factory.Trainer.Tests.Model;
using Factory.Trainer.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Tests.Training;

public sealed class RunFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly LlamaModel _model = new(TestModels.Tiny(), ModelPlacement.Cpu());
    private readonly AdamW _optimizer;
    private readonly RunFolder _run;
    private readonly string _tokenizer;

    public RunFolderTests()
    {
        WeightInitializer.Initialize(_model, seed: 1);
        _optimizer = new AdamW(_model, new AdamWOptions());
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
        var step = new TrainingStep(_model, _optimizer, new LearningRateSchedule(0.01, 0, 9), clip: 1);
        Tensor ids = tensor(Enumerable.Range(0, 20).Select(i => (long)i).ToArray(), [2, 10]);
        step.Run(0, [(ids, ids)]);
        string checkpoint = _run.Save(_model, _optimizer, State(1), _tokenizer);
        StepReport expected = step.Run(1, [(ids, ids)]);

        using var other = new LlamaModel(_model.Architecture, ModelPlacement.Cpu());
        using var optimizer = new AdamW(other, new AdamWOptions());
        RunFolder.Restore(checkpoint, _run.Newest(Assert.Fail)!.Value.State, other, optimizer);
        Assert.Equal(1, optimizer.Steps);
        StepReport found = new TrainingStep(other, optimizer, new LearningRateSchedule(0.01, 0, 9), clip: 1).Run(1, [(ids, ids)]);
        Assert.Equal(expected, found);
        Assert.All(_model.Weights, named => Assert.True(named.Value.Equals(other.Weights[named.Key]), named.Key));
    }

    [Fact]
    public void Only_the_newest_checkpoints_are_kept()
    {
        for (int step = 1; step <= 4; step++)
        {
            _run.Save(_model, _optimizer, State(step), _tokenizer);
        }
        Assert.Equal([3L, 4L], CheckpointFolder.Steps(_run.Path).Select(found => found.Step));
    }

    [Theory]
    [InlineData("model.safetensors")]
    [InlineData("optimizer.safetensors")]
    [InlineData("trainer_state.json")]
    public void A_truncated_newest_checkpoint_is_set_aside_with_a_line_and_the_one_before_it_is_used(string file)
    {
        _run.Save(_model, _optimizer, State(1), _tokenizer);
        string damaged = _run.Save(_model, _optimizer, State(2), _tokenizer);
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
        _run.Save(_model, _optimizer, State(1), _tokenizer);
        Assert.Throws<UserError>(() => _run.Save(_model, _optimizer, State(2), _folder.At("missing.model")));
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
        Options = TrainingOptions.Of(Preset.Named("nano"), "fp32"),
    };
}
