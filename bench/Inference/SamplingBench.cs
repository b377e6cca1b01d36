using System.CommandLine;
using System.Diagnostics;
using Factory.CommandLine;
using Factory.Runtime;

namespace Factory.Bench.Inference;

/// <summary>What choosing a token takes, for logits as a trained model's (few likely tokens) and for as good as equal ones.</summary>
internal static class SamplingBench
{
    private static readonly (string Name, SamplingOptions Options)[] Samplers =
    [
        ("greedy", new()),
        ("temperature", new() { Temperature = 1, Seed = 1 }),
        ("top-k 50", new() { Temperature = 1, TopK = 50, Seed = 1 }),
        ("top-p 0.9", new() { Temperature = 1, TopP = 0.9, Seed = 1 }),
        ("min-p 0.05", new() { Temperature = 1, MinP = 0.05, Seed = 1 }),
        ("typical 0.9", new() { Temperature = 1, TypicalP = 0.9, Seed = 1 }),
        ("all of them", new() { Temperature = 1, TopK = 50, TopP = 0.9, MinP = 0.05, TypicalP = 0.9, Seed = 1 }),
    ];

    public static Command Create()
    {
        Option<int> vocabulary = CheckedOption.Whole("--vocabulary", "Logits.", 32_000, least: 2, most: 1 << 24);
        Option<int> rounds = CheckedOption.Whole("--rounds", "Tokens chosen each; the median counts.", 3000, least: 1, most: 10_000_000);
        var command = new Command("sampling", "Measures what choosing a token takes, in microseconds.") { vocabulary, rounds };
        command.SetAction(parsed =>
        {
            foreach ((string kind, float spread) in (ReadOnlySpan<(string, float)>)[("peaked", 2.5f), ("flat", 0.3f)])
            {
                float[] logits = Logits(parsed.GetValue(vocabulary), spread);
                foreach ((string name, SamplingOptions options) in Samplers)
                {
                    Console.WriteLine(FormattableString.Invariant($"{kind,-7} {name,-12} {Median(new Sampler(options), logits, parsed.GetValue(rounds)),8:0.0} us"));
                }
            }
        });
        return command;
    }

    private static double Median(Sampler sampler, float[] logits, int rounds)
    {
        double[] times = new double[rounds];
        for (int i = 0; i < rounds; i++)
        {
            long start = Stopwatch.GetTimestamp();
            sampler.Next(logits);
            times[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        }
        return times.Order().ElementAt(rounds / 2);
    }

    /// <summary>Normally distributed.</summary>
    private static float[] Logits(int count, float spread)
    {
        var random = new Factory.Core.Numbers.SplitMix64(1);
        return [.. Enumerable.Range(0, count).Select(_ => (float)(spread * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];
    }
}
