using Factory.Core.Architecture;
using Factory.Core.Architecture.Methods;
using Factory.Core.Checkpoints;
using Factory.Core.Safetensors;
using Factory.Trainer.Checkpoints;
using Factory.Trainer.Model;
using Factory.Trainer.Tests.Model;

namespace Factory.Trainer.Tests.Checkpoints;

/// <summary>Gone through block by block from its file, a model says what it says in memory.</summary>
public sealed class StreamedProbeTests
{
    public static TheoryData<string> Methods => [.. NormSchemes.Names];

    [Theory]
    [MemberData(nameof(Methods))]
    public void Every_method_gives_the_probe_of_the_model_in_memory(string method) => RequireSame(TestModels.Tiny(scheme: NormSchemes.Find(method)));

    [Fact]
    public void Tied_heads_windows_biases_and_norms_of_heads_too() => RequireSame(TestModels.Tiny(keyValueHeads: 1, tied: true) with
    {
        QueryKeyValueBias = true,
        FeedForwardBias = true,
        QueryKeyNorm = true,
        Window = 5,
        UnwindowedBlocks = [1],
        RopeScaling = new RopeScaling.Linear(3),
    });

    [Fact]
    public void A_head_of_more_rows_than_are_read_at_a_time_is_read_whole() => RequireSame(TestModels.Tiny() with { VocabularySize = 8192 + 77 });

    private static void RequireSame(LlamaArchitecture architecture)
    {
        using var folder = new TemporaryFolder();
        using var model = new LlamaModel(architecture, ModelPlacement.Cpu());
        WeightInitializer.Initialize(model, seed: 3, embeddingDeviation: 0.5);
        CheckpointWriter.Write(folder.At("saved"), model, null, new Dictionary<string, string>());
        Probe expected = Probe.Read(folder.At("saved"));
        using SafetensorsReader weights = SafetensorsReader.Open(folder.At("saved", CheckpointFolder.WeightsFile));
        int blocks = 0;
        Probe found = StreamedProbe.Record(architecture, weights, () => blocks++, TestContext.Current.CancellationToken);
        Assert.Equal(architecture.BlockCount, blocks);
        Assert.Equal(expected.InputIds, found.InputIds);
        Assert.Equal(expected.Positions, found.Positions);
        Assert.True(expected.Logits.Max() - expected.Logits.Min() > 0.1f);
        Assert.Equal(expected.Logits, found.Logits, (a, b) => Math.Abs(a - b) < 1e-5f);
    }
}
