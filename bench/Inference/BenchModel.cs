using System.CommandLine;
using System.Diagnostics;
using Factory.CommandLine;
using Factory.Core.Disk;
using Factory.Runtime;

namespace Factory.Bench.Inference;

/// <summary>The model that is measured, and the options that name it.</summary>
internal static class BenchModel
{
    private static readonly Option<string?> Model = new("--model") { Description = "A bundle directory. [default: the one that models/latest names]", Recursive = true };
    private static readonly Option<int> Threads = ThreadsOption.Create();

    public static void AddTo(RootCommand root)
    {
        Threads.Recursive = true;
        root.Options.Add(Model);
        root.Options.Add(Threads);
    }

    /// <param name="say">Gets how long it took.</param>
    public static LanguageModel Load(ParseResult parsed, Action<string> say)
    {
        var clock = Stopwatch.StartNew();
        Bundle bundle = Bundle.Open(parsed.GetValue(Model) ?? LatestName.Read("models", "Name one with --model."));
        double opened = clock.Elapsed.TotalSeconds;
        LanguageModel model = LanguageModel.Load(bundle, new RuntimeOptions { Threads = parsed.GetValue(Threads) }, Console.Error.WriteLine);
        say(FormattableString.Invariant($"open {opened:0.00} s, load {clock.Elapsed.TotalSeconds - opened:0.00} s"));
        return model;
    }
}
