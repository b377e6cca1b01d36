using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Factory.CommandLine;
using Factory.Core;
using Factory.Core.Disk;
using Factory.Runtime;

Option<string?> modelOption = new("--model") { Description = "A bundle directory. [default: the one that models/latest names]" };
Option<int> prompt = CheckedOption.Whole("--prompt", "Tokens of the prompt.", 512, least: 1, most: 1 << 20);
Option<int> count = CheckedOption.Whole("--new", "Tokens decoded after it.", 64, least: 1, most: 1 << 20);
Option<int> rounds = CheckedOption.Whole("--rounds", "Repetitions; the median and the best count.", 5, least: 1, most: 1_000_000);
Option<int> threads = ThreadsOption.Create();
Option<bool> json = new("--json") { Description = "Print one line of JSON with the medians instead." };
var root = new RootCommand("Measures prefill and decode of one sequence, in tokens a second.") { modelOption, prompt, count, rounds, threads, json };
root.SetAction(parsed =>
{
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
    int[] ids = [.. Enumerable.Range(0, parsed.GetValue(prompt)).Select(i => i * 7919 % bundle.Architecture.VocabularySize)];
    List<double> prefill = [];
    List<double> decode = [];
    for (int round = 0; round < parsed.GetValue(rounds); round++)
    {
        using KvCache cache = model.NewCache(ids.Length + parsed.GetValue(count));
        clock.Restart();
        model.Append(cache, ids);
        prefill.Add(ids.Length / clock.Elapsed.TotalSeconds);
        clock.Restart();
        for (int i = 0; i < parsed.GetValue(count); i++)
        {
            model.Append(cache, [ids[i % ids.Length]]);
        }
        decode.Add(parsed.GetValue(count) / clock.Elapsed.TotalSeconds);
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
            prefill = Math.Round(Median(prefill), 1),
            decode1 = Math.Round(Median(decode), 1),
        }));
        return;
    }
    say($"prefill: {Rates(prefill)}");
    say($"decode: {Rates(decode)}");
});
return await Shell.RunAsync(root, args);

static double Median(List<double> rates) => rates.Order().ElementAt(rates.Count / 2);

static string Rates(List<double> rates) => FormattableString.Invariant($"median {Median(rates):0.0} tok/s, best {rates.Max():0.0} tok/s");
