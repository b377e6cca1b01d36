using System.CommandLine;
using System.Diagnostics;
using Factory.CommandLine;
using Factory.Runtime;
using Factory.Runtime.Engine;

namespace Factory.Bench.Inference;

/// <summary>What running streams notice of a newcomer's prompt, and what an idle engine takes.</summary>
internal static class NewcomerBench
{
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(3);

    public static Command Create()
    {
        Option<int> streams = CheckedOption.Whole("--streams", "Sequences that are being decoded.", 8, least: 1, most: 1000);
        Option<int> prompt = CheckedOption.Whole("--prompt", "Tokens of the newcomer's prompt.", 512, least: 8, most: 1 << 20);
        Option<int> rounds = CheckedOption.Whole("--rounds", "Newcomers, one after the other.", 5, least: 1, most: 10_000);
        var command = new Command("newcomer", "Measures how far a newcomer's prompt delays running streams, and the processor time and memory of an idle engine.") { streams, prompt, rounds };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using LanguageModel model = BenchModel.Load(parsed, Console.WriteLine);
            int vocabulary = model.Bundle.Architecture.VocabularySize;
            using var process = Process.GetCurrentProcess();
            long before = Environment.WorkingSet;
            using var engine = new InferenceEngine(model, new EngineOptions { MaxSequences = parsed.GetValue(streams) + 1, PrefixCache = false });
            TimeSpan used = process.TotalProcessorTime;
            await Task.Delay(Idle, cancellationToken).ConfigureAwait(false);
            process.Refresh();
            Console.WriteLine(FormattableString.Invariant($"idle: {(process.TotalProcessorTime - used) / Idle:0.0000} cores, {(Environment.WorkingSet - before) / 1e6:0.0} MB"));

            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            List<long> steps = [];
            int room = engine.Capacity - 8;
            Task[] running = [.. Enumerable.Range(0, parsed.GetValue(streams)).Select(row => RunAsync(engine, Prompts.Create(8, vocabulary, row), room, row == 0 ? steps : [], stop.Token))];
            List<(long Start, long End)> newcomers = [];
            for (int round = 0; round < parsed.GetValue(rounds); round++)
            {
                await Task.Delay(500, cancellationToken).ConfigureAwait(false);
                long start = Stopwatch.GetTimestamp();
                await RunAsync(engine, Prompts.Create(parsed.GetValue(prompt), vocabulary, 1000 + round), 1, [], cancellationToken).ConfigureAwait(false);
                newcomers.Add((start, Stopwatch.GetTimestamp()));
            }
            await stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(running.Select(task => task.ContinueWith(_ => { }, TaskScheduler.Default))).ConfigureAwait(false);
            Report(steps, newcomers);
        });
        return command;
    }

    private static void Report(List<long> steps, List<(long Start, long End)> newcomers)
    {
        (double Gap, bool Beside)[] gaps = [.. steps.Zip(steps.Skip(1), (from, to) => (Stopwatch.GetElapsedTime(from, to).TotalMilliseconds, newcomers.Any(each => from < each.End && to > each.Start)))];
        double[] alone = [.. gaps.Where(gap => !gap.Beside).Select(gap => gap.Gap).Order()];
        double[] beside = [.. gaps.Where(gap => gap.Beside).Select(gap => gap.Gap).Order()];
        double step = alone[alone.Length / 2];
        Console.WriteLine(FormattableString.Invariant($"step alone: median {step:0.0} ms, 99 % within {alone[alone.Length * 99 / 100]:0.0} ms"));
        Console.WriteLine(FormattableString.Invariant($"step beside a newcomer: median {beside[beside.Length / 2]:0.0} ms, 95 % within {beside[beside.Length * 95 / 100]:0.0} ms, largest {beside[^1]:0.0} ms of {beside.Length}; delay in steps: median {(beside[beside.Length / 2] / step) - 1:0.00}, 95 % within {(beside[beside.Length * 95 / 100] / step) - 1:0.00}"));
        Console.WriteLine(FormattableString.Invariant($"first token of the newcomer: {newcomers.Average(each => Stopwatch.GetElapsedTime(each.Start, each.End).TotalMilliseconds):0} ms on average"));
    }

    private static async Task RunAsync(InferenceEngine engine, int[] prompt, int tokens, List<long> times, CancellationToken cancellationToken)
    {
        await foreach (TokenDelta _ in engine.SubmitAsync(new InferenceRequest { PromptIds = prompt, MaxNewTokens = tokens }, cancellationToken).ConfigureAwait(false))
        {
            times.Add(Stopwatch.GetTimestamp());
        }
    }
}
