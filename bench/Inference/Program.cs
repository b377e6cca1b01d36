using System.CommandLine;
using System.Diagnostics;
using Factory.CommandLine;
using Factory.Core.Disk;
using Factory.Runtime;

Option<string?> modelOption = new("--model") { Description = "A bundle directory. [default: the one that models/latest names]" };
Option<int> prompt = new("--prompt") { Description = "Tokens of the prompt.", DefaultValueFactory = _ => 512 };
Option<int> count = new("--new") { Description = "Tokens decoded after it.", DefaultValueFactory = _ => 64 };
Option<int> rounds = new("--rounds") { Description = "Repetitions; the median and the best count.", DefaultValueFactory = _ => 5 };
Option<int> threads = new("--threads") { Description = "Threads; 0 takes every core.", DefaultValueFactory = _ => 0 };
var root = new RootCommand("Measures prefill and decode of one sequence, in tokens a second.") { modelOption, prompt, count, rounds, threads };
root.SetAction(parsed =>
{
    string directory = parsed.GetValue(modelOption) ?? LatestName.Read("models", "Name one with --model.");
    var clock = Stopwatch.StartNew();
    Bundle bundle = Bundle.Open(directory);
    double opened = clock.Elapsed.TotalSeconds;
    using LanguageModel model = LanguageModel.Load(bundle, new RuntimeOptions { Threads = parsed.GetValue(threads) }, Console.Error.WriteLine);
    Console.WriteLine(FormattableString.Invariant($"open {opened:0.00} s, load {clock.Elapsed.TotalSeconds - opened:0.00} s"));
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
            model.Append(cache, [ids[i]]);
        }
        decode.Add(parsed.GetValue(count) / clock.Elapsed.TotalSeconds);
    }
    Print("prefill", prefill);
    Print("decode", decode);
});
return await Shell.RunAsync(root, args);

static void Print(string what, List<double> rates) =>
    Console.WriteLine(FormattableString.Invariant($"{what}: median {rates.Order().ElementAt(rates.Count / 2):0.0} tok/s, best {rates.Max():0.0} tok/s"));
