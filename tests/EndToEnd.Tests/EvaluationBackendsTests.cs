using System.Text.Json;

namespace Factory.EndToEnd.Tests;

/// <summary>One bundle, asked in four ways: in process, through a running server, through OpenAI's interface, and in two parts put together.</summary>
public sealed class EvaluationBackendsTests : IDisposable
{
    private const string Tasks = "arc_easy,boolq,lambada_openai,piqa,winogrande";

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Every_way_gives_the_same_numbers()
    {
        await Executable.SucceedAsync(Executable.Trainer, _folder.Path, ["import", "hf", "--input", GoldenData.At("lm_eval_run", "stories260K", "model"), "--output", "runs/stories"]);
        await Executable.SucceedAsync(Executable.Exporter, _folder.Path, ["--checkpoint", "runs/stories", "--output", "models/stories"]);
        await EvaluateAsync("in-process.json", "--model", "models/stories");
        await EvaluateAsync("one.json", "--model", "models/stories", "--shard", "1/2");
        await EvaluateAsync("two.json", "--model", "models/stories", "--shard", "2/2");
        await Executable.SucceedAsync(Executable.Evals, _folder.Path, ["merge", "--inputs", "one.json,two.json", "--output", "merged.json", "--bootstrap-iterations", "100"]);
        await using (Server server = await Server.StartAsync(_folder.Path, "--model", "models/stories"))
        {
            await EvaluateAsync("server.json", "--server", server.Url);
            await EvaluateAsync("openai.json", "--openai", server.Url + "v1");
        }

        string expected = Scores("in-process.json");
        Assert.Equal(expected, Scores("merged.json"));
        Assert.Equal(expected, Scores("server.json"));
        double[] inProcess = LogLikelihoods("in-process.json");
        Assert.Equal(inProcess, LogLikelihoods("server.json"));
        // The scores of OpenAI's interface are rounded by whoever serves it; accuracies are equal, likelihoods nearly.
        Assert.Equal(Accuracies("in-process.json"), Accuracies("openai.json"));
        Assert.All(inProcess.Zip(LogLikelihoods("openai.json")), pair => Assert.Equal(pair.First, pair.Second, 1e-3));
    }

    public void Dispose() => _folder.Dispose();

    private Task<string> EvaluateAsync(string output, params string[] more) => Executable.SucceedAsync(
        Executable.Evals, _folder.Path, ["run", "--tasks", Tasks, "--limit", "8", "--bootstrap-iterations", "100", "--cache", "none", "--output", output, .. more]);

    private string Scores(string report) => string.Join("\n", Report(report).GetProperty("tasks").EnumerateArray().Select(task => task.GetRawText()));

    private string Accuracies(string report) => string.Join("\n", Report(report).GetProperty("tasks").EnumerateArray().Select(task => task.GetProperty("metrics").GetProperty("acc").GetRawText()));

    private double[] LogLikelihoods(string report) =>
        [.. File.ReadLines(_folder.At(report.Replace(".json", ".samples.jsonl", StringComparison.Ordinal))).SelectMany(line => JsonElement.Parse(line).GetProperty("log_likelihoods").Deserialize<double[]>()!)];

    private JsonElement Report(string name) => JsonElement.Parse(File.ReadAllText(_folder.At(name)));
}
