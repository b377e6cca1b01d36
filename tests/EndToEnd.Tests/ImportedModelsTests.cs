using System.Text.Json;
using Factory.Core.Safetensors;
using Factory.Core.Text;

namespace Factory.EndToEnd.Tests;

/// <summary>Published weights through the real executables: import, export, verify, serve, score.</summary>
public sealed class ImportedModelsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Stories260K_is_told_word_for_word_by_the_server()
    {
        string expected = await File.ReadAllTextAsync(GoldenData.At("stories260K", "expected_greedy_200steps.txt"), TestContext.Current.CancellationToken);
        string imported = await Executable.SucceedAsync(
            Executable.Trainer, _folder.Path,
            ["import", "llama2c", "--input", GoldenData.At("stories260K", "stories260K.bin"), "--tokenizer", GoldenData.At("stories260K", "tok512.bin")]);
        Assert.Contains("260,032 parameters", imported, StringComparison.Ordinal);
        await Executable.SucceedAsync(Executable.Exporter, _folder.Path, []);
        await Executable.SucceedAsync(Executable.Exporter, _folder.Path, ["verify"]);

        await using Server server = await Server.StartAsync(_folder.Path);
        JsonElement answer = await server.PostAsync("/generate", new { prompt = "", max_new_tokens = 200, temperature = 0 });
        Assert.Equal(expected, answer.GetProperty("text").GetString());
        Assert.Equal(200, answer.GetProperty("generated_tokens").GetInt32());
    }

    [Theory]
    [MemberData(nameof(HfFolders.Decoders), MemberType = typeof(HfFolders))]
    public async Task Hugging_face_models_give_transformers_logits_and_greedy_tokens(string name)
    {
        string source = GoldenData.At("hf_golden", name);
        using JsonDocument golden = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(source, "golden.json"), TestContext.Current.CancellationToken));
        int[][] ids = golden.RootElement.GetProperty("input_ids").Deserialize<int[][]>()!;
        int[] positions = golden.RootElement.GetProperty("positions").Deserialize<int[]>()!;
        float[][][] expected = golden.RootElement.GetProperty("logits").Deserialize<float[][][]>()!;
        int[] prompt = golden.RootElement.GetProperty("greedy_prompt").Deserialize<int[]>()!;
        int[] greedy = golden.RootElement.GetProperty("greedy").Deserialize<int[]>()!;

        await Executable.SucceedAsync(Executable.Trainer, _folder.Path, ["import", "hf", "--input", source]);
        await Executable.SucceedAsync(Executable.Exporter, _folder.Path, ["--checkpoint", Path.Combine("runs", name), "--output", Path.Combine("models", "exported")]);
        int[][] sequences = [.. ids, [.. prompt, .. greedy]];
        string output = await Executable.SucceedAsync(
            Executable.Evals, _folder.Path, ["logits", "--model", Path.Combine("models", "exported")],
            string.Concat(sequences.Select(sequence => JsonSerializer.Serialize(sequence) + "\n")));

        float[][][] logits = [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<float[][]>(line)!)];
        Assert.Equal(sequences.Length, logits.Length);
        for (int row = 0; row < ids.Length; row++)
        {
            for (int i = 0; i < positions.Length; i++)
            {
                Assert.InRange(expected[row][i].Zip(logits[row][positions[i]], (a, b) => Math.Abs(a - b)).Max(), 0, 1e-4f);
            }
        }
        // Under greedy decoding every token is the likeliest one after those before it.
        Assert.Equal(greedy, logits[^1].Skip(prompt.Length - 1).SkipLast(1).Select(row => Array.IndexOf(row, row.Max())));
    }

    [Fact]
    public async Task Rows_of_the_vocabulary_beyond_the_tokenizer_are_tokens_without_text()
    {
        // As published folders have them, whose embedding is padded to a multiple of 64 or more. Row 530 is the comma's, but larger, so that it is generated in its place.
        const int Padded = 576;
        const int Extra = 530;
        string source = GoldenData.At("lm_eval_run", "stories260K", "model");
        string model = Directory.CreateDirectory(_folder.At("padded")).FullName;
        File.Copy(Path.Combine(source, "tokenizer.model"), Path.Combine(model, "tokenizer.model"));
        await File.WriteAllTextAsync(
            Path.Combine(model, "config.json"),
            (await File.ReadAllTextAsync(Path.Combine(source, "config.json"), TestContext.Current.CancellationToken)).Replace("\"vocab_size\": 512", $"\"vocab_size\": {Padded}", StringComparison.Ordinal),
            TestContext.Current.CancellationToken);
        int comma = TextTokenizer.Load(Path.Combine(source, "tokenizer.model")).Encode("a,", addBos: false)[^1];
        Pad(Path.Combine(source, "model.safetensors"), Path.Combine(model, "model.safetensors"), "model.embed_tokens.weight", Padded, Extra, comma);

        await Executable.SucceedAsync(Executable.Trainer, _folder.Path, ["import", "hf", "--input", "padded"]);
        await Executable.SucceedAsync(Executable.Exporter, _folder.Path, ["--checkpoint", Path.Combine("runs", "padded")]);
        await using Server server = await Server.StartAsync(_folder.Path);
        JsonElement answer = await server.PostAsync("/v1/completions", new { model = "padded", prompt = "Once upon a time", max_tokens = 30, temperature = 0, logprobs = 1 });
        JsonElement choice = answer.GetProperty("choices")[0];
        string[] tokens = [.. choice.GetProperty("logprobs").GetProperty("tokens").EnumerateArray().Select(token => token.GetString()!)];
        Assert.Equal("", tokens[0]);
        Assert.Equal(30, tokens.Length);
        Assert.Equal(30, answer.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
        string text = choice.GetProperty("text").GetString()!;
        Assert.Equal(string.Concat(tokens), text);
        Assert.StartsWith(" there was a", text, StringComparison.Ordinal);
        Assert.Equal(text, (await server.PostAsync("/generate", new { prompt = "Once upon a time", max_new_tokens = 30, temperature = 0 })).GetProperty("text").GetString());
        Assert.Equal("Once", (await server.PostAsync("/detokenize", new { tokens = (int[])[Extra, .. TextTokenizer.Load(Path.Combine(source, "tokenizer.model")).Encode("Once", addBos: false), Padded - 1] })).GetProperty("prompt").GetString());
    }

    /// <summary>Copies a folder's weights with a longer embedding: new rows are zero but for one, which is another row made larger.</summary>
    private static void Pad(string source, string target, string embedding, int rows, int row, int like)
    {
        using SafetensorsReader reader = SafetensorsReader.Open(source);
        using var writer = new SafetensorsWriter(target);
        foreach (TensorEntry entry in reader.Entries)
        {
            writer.Declare(entry.Name, ElementType.Float32, entry.Name == embedding ? [rows, entry.Shape[1]] : entry.Shape);
        }
        foreach (TensorEntry entry in reader.Entries)
        {
            float[] values = reader.ReadSingles(entry.Name);
            if (entry.Name == embedding)
            {
                int width = (int)entry.Shape[1];
                Array.Resize(ref values, rows * width);
                for (int i = 0; i < width; i++)
                {
                    values[(row * width) + i] = 1.2f * values[(like * width) + i];
                }
            }
            writer.Write<float>(entry.Name, values);
        }
        writer.Finish();
    }

    [Fact]
    public async Task A_bad_input_is_one_line_with_exit_code_2_and_leaves_nothing()
    {
        string path = _folder.At("broken.bin");
        await File.WriteAllBytesAsync(path, new byte[40], TestContext.Current.CancellationToken);
        Outcome outcome = await Executable.RunAsync(Executable.Trainer, _folder.Path, ["import", "llama2c", "--input", path, "--tokenizer", path]);
        Assert.Equal(2, outcome.ExitCode);
        Assert.Single(outcome.Error.Trim().Split('\n'));
        Assert.StartsWith(path, outcome.Error, StringComparison.Ordinal);
        Assert.Equal([path], Directory.GetFileSystemEntries(_folder.Path));
    }
}
