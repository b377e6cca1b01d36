using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Factory.Bench.Server;
using Factory.CommandLine;
using Factory.Core;
using Factory.Core.Disk;
using Factory.Runtime;
using Factory.Runtime.Engine;

Option<string?> modelOption = new("--model") { Description = "A bundle directory with a tokenizer. [default: the one that models/latest names]" };
Option<int[]> clients = new("--clients")
{
    Description = "Clients at once, one run for each number.",
    HelpName = "N,N",
    DefaultValueFactory = _ => [1, 8, 32],
    CustomParser = result =>
    {
        string text = string.Join(',', result.Tokens.Select(token => token.Value));
        int[] counts = [.. text.Split(',').Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int count) ? count : 0)];
        if (counts.Any(count => count is < 1 or > 1024))
        {
            result.AddError($"--clients: expected whole numbers from 1 to 1024, separated by commas, found '{text}'.");
        }
        return counts;
    },
};
Option<int> prompt = CheckedOption.Whole("--prompt", "Tokens of each prompt; no two prompts begin alike.", 128, least: 1, most: 1 << 20);
Option<int> count = CheckedOption.Whole("--new", "Tokens generated after it.", 64, least: 1, most: 1 << 20);
Option<int> requests = CheckedOption.Whole("--requests", "Requests of each client, one after the other.", 2, least: 1, most: 1_000_000);
Option<int> rounds = CheckedOption.Whole("--rounds", "Times that server and engine are measured, in turns; the medians count.", 3, least: 1, most: 1_000_000);
Option<int> threads = ThreadsOption.Create();
Option<bool> json = new("--json") { Description = "Print lines of JSON instead." };
var root = new RootCommand(
    "Measures the server over HTTP (streams of /v1/completions from prompts of token ids) beside the engine alone with as many sequences. The clients share the server's cores; their CPU time is told.")
{
    modelOption, clients, prompt, count, requests, rounds, threads, json,
};
root.SetAction(async (parsed, cancellationToken) =>
{
    string directory = parsed.GetValue(modelOption) ?? LatestName.Read("models", "Name one with --model.");
    var work = new Workload(parsed.GetValue(prompt), parsed.GetValue(count), parsed.GetValue(requests));
    int most = parsed.GetRequiredValue(clients).Max();
    using LanguageModel model = LanguageModel.Load(Bundle.Open(directory), new RuntimeOptions { Threads = parsed.GetValue(threads) }, Console.Error.WriteLine);
    if (work.Prompt + work.New > model.Bundle.Architecture.MaxPositions)
    {
        throw new SettingError("prompt", $"expected at most {model.Bundle.Architecture.MaxPositions} tokens with --new, the model's context, found {work.Prompt} + {work.New}.");
    }
    using var engine = new InferenceEngine(model, new EngineOptions { MaxSequences = Math.Max(32, most) });
    await using ServerUnderTest server = await ServerUnderTest.StartAsync(directory, parsed.GetValue(threads), most, cancellationToken);
    double idle = await server.IdleAsync(TimeSpan.FromSeconds(5), cancellationToken);
    var rows = new List<Row>();
    foreach (int n in parsed.GetRequiredValue(clients))
    {
        List<LoadResult> http = [], bare = [];
        // The first turn warms both and does not count.
        for (int round = 0; round <= parsed.GetValue(rounds); round++)
        {
            Console.Error.WriteLine($"{n} clients, round {round} of {parsed.GetValue(rounds)}");
            bare.Add(await EngineLoad.RunAsync(engine, work, n, cancellationToken));
            http.Add(await HttpLoad.RunAsync(server, work, n, model.Bundle.Architecture.VocabularySize, cancellationToken));
        }
        rows.Add(Row.From(n, [.. http.Skip(1)], [.. bare.Skip(1)], server.ResidentMegabytes));
    }
    if (parsed.GetValue(json))
    {
        rows.ForEach(row => Console.WriteLine(JsonSerializer.Serialize(row)));
        return;
    }
    Console.WriteLine(FormattableString.Invariant($"{model.Bundle.Name} ({model.Bundle.Precision}, {model.Provider}): start to ready {server.StartSeconds:0.0} s, idle CPU {idle:0.0} % of one core"));
    Console.WriteLine(Row.Header);
    rows.ForEach(Console.WriteLine);
});
return await Shell.RunAsync(root, args);
