using Factory.Core.Safetensors;

namespace Factory.Exporter.Tests;

/// <summary>The yardstick of the other tests, itself measured on logits that were computed by software nobody here wrote.</summary>
public sealed class ReferenceLlamaTests
{
    [Theory]
    [MemberData(nameof(MethodFolders.Causal), MemberType = typeof(MethodFolders))]
    public void The_reference_equals_the_float64_logits_of_an_independent_implementation(string method)
    {
        string folder = GoldenData.At("method_golden", method);
        TestCheckpoint checkpoint = TestCheckpoint.FromFolder(folder);
        using SafetensorsReader expected = SafetensorsReader.Open(Path.Combine(folder, "expected.safetensors"));
        int[][] sequences = [.. expected.Read<long>("input_ids", ElementType.Int64).Select(id => (int)id).Chunk(20)];
        double[] logits = [.. sequences.SelectMany(ids => checkpoint.Reference.Logits(ids)).SelectMany(row => row)];
        double[] wanted = expected.Read<double>("logits", ElementType.Float64);
        Assert.Equal(wanted.Length, logits.Length);
        Assert.InRange(wanted.Zip(logits, (a, b) => Math.Abs(a - b)).Max(), 0, 1e-9);
    }

    [Theory]
    [MemberData(nameof(HfFolders.Decoders), MemberType = typeof(HfFolders))]
    public void The_reference_agrees_with_transformers(string name)
    {
        HfGolden golden = HfGolden.Read(name);
        // transformers computes rotary angles in float32, which moves a logit by some 1e-5.
        Assert.InRange(golden.Difference(golden.Checkpoint.Reference.Logits), 0, 5e-5);
        Assert.Equal(golden.GreedyTokens, golden.Checkpoint.Reference.Greedy(golden.GreedyPrompt, golden.GreedyTokens.Length));
    }
}
