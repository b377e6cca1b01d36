using System.Text.Json;
using System.Text.Json.Nodes;
using Factory.Runtime;
using Factory.Runtime.Analysis;
using Factory.Runtime.Encoders;

namespace Factory.EndToEnd.Tests;

/// <summary>BERTs through the real executables: import, export, verify, score, analyse; next to transformers and to the authors' run_squad.py.</summary>
public sealed class EncoderModelsTests : IDisposable
{
    private const double Tolerance = 1e-4;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Answers_are_those_of_transformers_with_all_blocks_and_without_each()
    {
        (EncoderModel model, JsonElement golden, EncoderInput[] rows) = await ImportAsync("bert_qa");
        using (model)
        {
            Compare(golden.GetProperty("output"), model.Answers(rows), rows);
            for (int block = 0; block < model.BlockCount; block++)
            {
                Compare(golden.GetProperty("without_block").GetProperty($"{block}"), model.Answers(rows, [block]), rows);
            }
        }

        static void Compare(JsonElement expected, IReadOnlyList<AnswerLogits> found, EncoderInput[] rows)
        {
            double[][] start = expected.GetProperty("start_logits").Deserialize<double[][]>()!;
            double[][] end = expected.GetProperty("end_logits").Deserialize<double[][]>()!;
            for (int row = 0; row < rows.Length; row++)
            {
                RequireNear(start[row][..rows[row].Ids.Length], found[row].Start);
                RequireNear(end[row][..rows[row].Ids.Length], found[row].End);
            }
        }
    }

    [Fact]
    public async Task Masked_tokens_have_transformers_logits_with_all_blocks_and_without_each()
    {
        (EncoderModel model, JsonElement golden, EncoderInput[] rows) = await ImportAsync("bert_mlm");
        using (model)
        {
            Compare(golden.GetProperty("output"), null);
            for (int block = 0; block < model.BlockCount; block++)
            {
                Compare(golden.GetProperty("without_block").GetProperty($"{block}"), block);
            }

            void Compare(JsonElement expected, int? removed)
            {
                double[][][] logits = expected.GetProperty("logits").Deserialize<double[][][]>()!; // (rows, positions, vocabulary)
                for (int row = 0; row < rows.Length; row++)
                {
                    RequireNear([.. logits[row].SelectMany(values => values)], model.Logits(rows[row], [.. Enumerable.Range(0, logits[row].Length)], removed is int block ? [block] : null));
                }
            }
        }
    }

    [Theory]
    [InlineData("bert_qa")]
    [InlineData("bert_mlm")]
    public async Task Variances_of_the_blocks_are_those_of_transformers(string name)
    {
        (EncoderModel model, JsonElement golden, EncoderInput[] rows) = await ImportAsync(name);
        model.Dispose();
        using EncoderModel measured = EncoderModel.Load(model.Bundle, new RuntimeOptions { Provider = ProviderChoice.Cpu }, measured: true);
        BlockStatistics[] found = [.. rows.Select(row => measured.Measure([row]))];
        double tokens = found.Sum(statistics => statistics.Tokens);
        double[] expected = golden.GetProperty("block_output_variance").Deserialize<double[]>()!;
        for (int block = 0; block < expected.Length; block++)
        {
            double mean = found.Sum(statistics => statistics.Mean[block] * statistics.Tokens) / tokens;
            double square = found.Sum(statistics => statistics.MeanSquare[block] * statistics.Tokens) / tokens;
            Assert.Equal(expected[block], square - (mean * mean), Tolerance);
        }
    }

    [Fact]
    public async Task Squad_finds_the_answers_of_run_squad_and_scores_them_as_the_official_script()
    {
        string source = GoldenData.At("squad_bert");
        using JsonDocument golden = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(source, "golden.json"), TestContext.Current.CancellationToken));
        await Executable.SucceedAsync(Executable.Trainer, _folder.Path, ["import", "bert", "--input", Path.Combine(source, "model"), "--output", "runs/bert"]);
        await Executable.SucceedAsync(Executable.Exporter, _folder.Path, ["--checkpoint", "runs/bert", "--output", "models/bert"]);
        await Executable.SucceedAsync(
            Executable.Evals, _folder.Path, ["run", "--model", "models/bert", "--tasks", "squad", "--data", Path.Combine(source, "data"), "--cache", "none", "--output", "report.json"]);

        string[] samples = [.. (await File.ReadAllLinesAsync(_folder.At("report.samples.jsonl"), TestContext.Current.CancellationToken)).Where(line => line.Length > 0)];
        Assert.Equal(golden.RootElement.GetProperty("predictions").Deserialize<string[]>()!, samples.Select(line => JsonNode.Parse(line)!["text"]!.GetValue<string>()));
        JsonNode report = JsonNode.Parse(await File.ReadAllTextAsync(_folder.At("report.json"), TestContext.Current.CancellationToken))!;
        JsonElement scores = golden.RootElement.GetProperty("scores");
        Assert.Equal(scores.GetProperty("exact_match").GetDouble(), Metric(report, "exact_match"), 1e-9);
        Assert.Equal(scores.GetProperty("f1").GetDouble(), Metric(report, "f1"), 1e-9);

        await Executable.SucceedAsync(
            Executable.Evals, _folder.Path, ["analyze", "prune", "--model", "models/bert", "--tasks", "squad", "--data", Path.Combine(source, "data"), "--output", "analysis"]);
        JsonNode pruned = JsonNode.Parse(await File.ReadAllTextAsync(_folder.At(Path.Combine("analysis", "prune.json")), TestContext.Current.CancellationToken))!["models"]![0]!["tasks"]![0]!;
        Assert.Equal(
            golden.RootElement.GetProperty("without_block").EnumerateArray().Select(without => without.GetProperty("exact_match").GetDouble()),
            pruned["score_without_block"]!.AsArray().Select(score => score!.GetValue<double>()), (a, b) => Math.Abs(a - b) < 1e-9);
        await Executable.SucceedAsync(Executable.Evals, _folder.Path, ["analyze", "angular", "--model", "models/bert", "--output", "analysis"]);
    }

    [Theory]
    [InlineData("hidden_act", "\"gelu_new\"")]
    [InlineData("position_embedding_type", "\"relative_key\"")]
    [InlineData("is_decoder", "true")]
    [InlineData("add_cross_attention", "true")]
    [InlineData("architectures", "[\"BertForSequenceClassification\"]")]
    [InlineData("model_type", "\"roberta\"")]
    [InlineData("hidden_groups", "2")]
    public async Task What_is_another_kind_of_model_is_refused_by_its_name(string key, string value)
    {
        string folder = Directory.CreateDirectory(_folder.At("bert")).FullName;
        string source = GoldenData.At("hf_golden", "bert_qa");
        JsonNode config = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(source, "config.json"), TestContext.Current.CancellationToken))!;
        config[key] = JsonNode.Parse(value);
        await File.WriteAllTextAsync(Path.Combine(folder, "config.json"), config.ToJsonString(), TestContext.Current.CancellationToken);
        File.Copy(Path.Combine(source, "model.safetensors"), Path.Combine(folder, "model.safetensors"));
        Outcome outcome = await Executable.RunAsync(Executable.Trainer, _folder.Path, ["import", "bert", "--input", folder]);
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains($"config.json: {(key == "hidden_groups" ? "expected only keys of a BERT configuration, found 'hidden_groups'" : key)}", outcome.Error, StringComparison.Ordinal);
        Assert.Equal([folder], Directory.GetFileSystemEntries(_folder.Path));
    }

    private static double Metric(JsonNode report, string name) => report["tasks"]![0]!["metrics"]![name]!["value"]!.GetValue<double>();

    private static void RequireNear(double[] expected, float[] found)
    {
        Assert.Equal(expected.Length, found.Length);
        Assert.InRange(expected.Zip(found, (a, b) => Math.Abs(a - b)).Max(), 0, Tolerance);
    }

    /// <summary>The golden model as a bundle, what transformers gave, and its rows without their padding.</summary>
    private async Task<(EncoderModel Model, JsonElement Golden, EncoderInput[] Rows)> ImportAsync(string name)
    {
        string source = GoldenData.At("hf_golden", name);
        await Executable.SucceedAsync(Executable.Trainer, _folder.Path, ["import", "bert", "--input", source]);
        await Executable.SucceedAsync(Executable.Exporter, _folder.Path, ["--checkpoint", Path.Combine("runs", name)]);
        string bundle = _folder.At(Path.Combine("models", name));
        JsonElement golden = JsonElement.Parse(await File.ReadAllTextAsync(Path.Combine(source, "golden.json"), TestContext.Current.CancellationToken));
        int[][] ids = golden.GetProperty("input_ids").Deserialize<int[][]>()!;
        int[][] types = golden.GetProperty("token_type_ids").Deserialize<int[][]>()!;
        int[] lengths = [.. golden.GetProperty("attention_mask").Deserialize<int[][]>()!.Select(row => row.Sum())];
        EncoderInput[] rows = [.. lengths.Select((length, row) => new EncoderInput(ids[row][..length], types[row][..length]))];
        return (EncoderModel.Load(EncoderBundle.Open(bundle), new RuntimeOptions { Provider = ProviderChoice.Cpu }), golden, rows);
    }
}
