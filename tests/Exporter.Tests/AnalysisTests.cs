using System.Text.Json;
using Factory.Core;
using Factory.Runtime;
using Factory.Runtime.Analysis;

namespace Factory.Exporter.Tests;

/// <summary>analysis.onnx measures what transformers measures, and removes blocks as it does.</summary>
public sealed class AnalysisTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("lns")]
    [InlineData("pre")]
    public void Statistics_equal_those_computed_with_transformers(string method)
    {
        using JsonDocument golden = Golden(method);
        JsonElement expected = golden.RootElement;
        using AnalysisModel model = Load(TestCheckpoint.FromFolder(GoldenData.At("method_golden", method)));
        BlockStatistics found = model.Measure(expected.GetProperty("input_ids").Deserialize<int[][]>()!);
        Near("block_output_mean", found.Mean);
        Near("block_output_mean_square", found.MeanSquare);
        Near("block_output_variance", found.Variance);
        Near("cosine_input_output_mean", found.Cosine);
        NearTable("angular_distance_mean", found.AngularDistance);
        NearTable("angular_distance_last_token", found.AngularDistanceLastToken);

        void Near(string key, float[] values) => Compare(expected.GetProperty(key).Deserialize<double[]>()!, values);
        void NearTable(string key, float[][] rows)
        {
            double[][] wanted = expected.GetProperty(key).Deserialize<double[][]>()!;
            Assert.Equal(wanted.Length, rows.Length);
            Assert.All(wanted.Zip(rows), pair => Compare(pair.First, pair.Second));
        }
    }

    [Theory]
    [InlineData("lns")]
    [InlineData("pre")]
    public void Losses_without_each_block_equal_those_computed_with_transformers(string method)
    {
        using JsonDocument golden = Golden(method);
        JsonElement expected = golden.RootElement;
        using AnalysisModel model = Load(TestCheckpoint.FromFolder(GoldenData.At("method_golden", method)));
        int[][] rows = expected.GetProperty("input_ids").Deserialize<int[][]>()!;
        Assert.Equal(expected.GetProperty("loss").GetDouble(), Loss(model, rows, []), 1e-4);
        double[] without = expected.GetProperty("loss_without_block").Deserialize<double[]>()!;
        Assert.All(Enumerable.Range(0, without.Length), block => Assert.Equal(without[block], Loss(model, rows, [block]), 1e-4));
    }

    [Fact]
    public void Neighbours_that_hardly_differ_have_an_exact_angle()
    {
        // The branches of this model are tiny, so arccos of the cosine in float32 would give 0 or noise.
        TestCheckpoint checkpoint = TestCheckpoint.Random(TestModel.Tiny).Scaled(name => name.Contains("o_proj", StringComparison.Ordinal) || name.Contains("down_proj", StringComparison.Ordinal) ? 1e-5f : 1);
        using AnalysisModel model = Load(checkpoint);
        BlockStatistics found = model.Measure([[.. Enumerable.Range(0, 40)]]);
        Assert.All(found.AngularDistance, row => Assert.InRange(row[0], 1e-8, 1e-4));
    }

    [Theory]
    [MemberData(nameof(MethodFolders.Causal), MemberType = typeof(MethodFolders))]
    public void With_every_block_in_place_the_logits_are_the_models(string method)
    {
        TestCheckpoint checkpoint = TestCheckpoint.FromFolder(GoldenData.At("method_golden", method));
        using AnalysisModel model = Load(checkpoint);
        int[] ids = [.. Enumerable.Range(0, 12)];
        double[] expected = [.. checkpoint.Reference.Logits(ids).SelectMany(row => row)];
        Assert.InRange(expected.Zip(model.Logits(ids, 0), (a, b) => Math.Abs(a - b)).Max(), 0, 1e-4);
    }

    [Fact]
    public void All_blocks_removed_leave_the_embedding()
    {
        using AnalysisModel model = Load(TestCheckpoint.Random(TestModel.Tiny));
        BlockStatistics found = model.Measure([[1, 2, 3]], [0, 1, 2]);
        Assert.All(found.AngularDistance.SelectMany(row => row), distance => Assert.Equal(0, distance, 1e-6));
        Assert.All(found.Cosine, cosine => Assert.Equal(1, cosine, 1e-5));
    }

    [Fact]
    public void Wrong_blocks_and_rows_of_several_lengths_are_refused()
    {
        using AnalysisModel model = Load(TestCheckpoint.Random(TestModel.Tiny));
        Assert.Contains("blocks from 0 to 2 to remove, found 3", Assert.Throws<UserError>(() => model.Logits([1], 0, [3])).Message, StringComparison.Ordinal);
        Assert.Contains("found lengths 1, 2", Assert.Throws<UserError>(() => model.Measure([[1], [1, 2]])).Message, StringComparison.Ordinal);
        Assert.Contains("from 0 to 60, found 61", Assert.Throws<UserError>(() => model.Measure([[61]])).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static JsonDocument Golden(string method) => JsonDocument.Parse(File.ReadAllBytes(GoldenData.At("analysis_golden", $"method_golden-{method}.json")));

    private static void Compare(double[] expected, float[] found)
    {
        Assert.Equal(expected.Length, found.Length);
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
    }

    private static double Loss(AnalysisModel model, int[][] rows, int[] removed) => rows.Average(ids =>
    {
        int vocabulary = model.Bundle.Architecture.VocabularySize;
        float[] logits = model.Logits(ids[..^1], 0, removed);
        return Enumerable.Range(0, ids.Length - 1).Average(position =>
        {
            double[] row = [.. logits[(position * vocabulary)..((position + 1) * vocabulary)].Select(logit => (double)logit)];
            return Math.Log(row.Sum(logit => Math.Exp(logit))) - row[ids[position + 1]];
        });
    });

    private AnalysisModel Load(TestCheckpoint checkpoint) =>
        AnalysisModel.Load(Bundle.Open(TestBundle.Export(_folder, checkpoint)), new RuntimeOptions { Provider = ProviderChoice.Cpu, Threads = 1 });
}
