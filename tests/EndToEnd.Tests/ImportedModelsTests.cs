using System.Text.Json;

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
