using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Factory.Bench.Inference;
using Factory.CommandLine;
using Factory.Core;
using Factory.Core.Disk;
using Factory.Runtime;

Option<string?> modelOption = new("--model") { Description = "A bundle directory. [default: the one that models/latest names]", Recursive = true };
Option<int> threads = ThreadsOption.Create();
threads.Recursive = true;
Option<int> prompt = CheckedOption.Whole("--prompt", "Tokens of the prompt.", 512, least: 1, most: 1 << 20);
Option<int> count = CheckedOption.Whole("--new", "Tokens decoded after it.", 64, least: 1, most: 1 << 20);
Option<int> rounds = CheckedOption.Whole("--rounds", "Repetitions; the median and the best count.", 5, least: 1, most: 1_000_000);
Option<string> rowsOption = new("--rows") { Description = "How many sequences the engine decodes together, one measurement each.", HelpName = "N[,N]", DefaultValueFactory = _ => "1,8,32" };
Option<bool> json = new("--json") { Description = "Print one line of JSON with the medians instead." };
var root = new RootCommand("Measures prefill and decode of one sequence after the other, and decode of several together in the engine, in tokens a second.") { modelOption, prompt, count, rounds, rowsOption, threads, json };
root.SetAction(parsed =>
{
    int[] rows = Rows(parsed.GetValue(rowsOption)!);
    string directory = parsed.GetValue(modelOption) ?? LatestName.Read("models", "Name one with --model.");
    var clock = Stopwatch.StartNew();
    Bundle bundle = Bundle.Open(directory);
    double opened = clock.Elapsed.TotalSeconds;
    using LanguageModel model = LanguageModel.Load(bundle, new RuntimeOptions { Threads = parsed.GetValue(threads) }, Console.Error.WriteLine);
    double loaded = clock.Elapsed.TotalSeconds - opened;
    Action<string> say = parsed.GetValue(json) ? _ => { } : Console.WriteLine;
    say(FormattableString.Invariant($"open {opened:0.00} s, load {loaded:0.00} s"));
    int window = bundle.Architecture.MaxPositions;
    if (parsed.GetValue(prompt) + parsed.GetValue(count) > window)
    {
        throw new SettingError("prompt", $"expected at most {window} tokens with --new, the model's context, found {parsed.GetValue(prompt)} + {parsed.GetValue(count)}.");
    }
    int[] ids = Prompts.Create(parsed.GetValue(prompt), bundle.Architecture.VocabularySize);
    Rates prefill = new(), decode = new();
    Rates[] together = [.. rows.Select(_ => new Rates())];
    for (int round = 0; round < parsed.GetValue(rounds); round++)
    {
        using KvCache cache = model.NewCache(ids.Length + parsed.GetValue(count));
        clock.Restart();
        model.Append(cache, ids);
        prefill.Add(ids.Length, clock.Elapsed);
        clock.Restart();
        for (int i = 0; i < parsed.GetValue(count); i++)
        {
            model.Append(cache, [ids[i % ids.Length]]);
        }
        decode.Add(parsed.GetValue(count), clock.Elapsed);
        foreach ((int index, int n) in rows.Index())
        {
            DecodeTogether.Measure(model, n, parsed.GetValue(count), together[index]);
        }
    }
    if (parsed.GetValue(json))
    {
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            model = directory,
            precision = bundle.Precision,
            provider = model.Provider,
            threads = parsed.GetValue(threads),
            prompt = ids.Length,
            load_seconds = Math.Round(loaded, 2),
            prefill = prefill.Median,
            decode1 = decode.Median,
            together = rows.Index().ToDictionary(row => row.Item.ToString(CultureInfo.InvariantCulture), row => together[row.Index].Median),
        }));
        return;
    }
    say($"prefill: {prefill}");
    say($"decode: {decode}");
    foreach ((int index, int n) in rows.Index())
    {
        say($"engine, {n} together: {together[index]}");
    }
});
return await Shell.RunAsync(root, args);

static int[] Rows(string text)
{
    string[] parts = text.Split(',');
    int[] rows = [.. parts.Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : 0)];
    return rows.All(row => row is >= 1 and <= 1024) ? rows : throw new SettingError("rows", $"expected whole numbers from 1 to 1024 with commas between, found '{text}'.");
}
