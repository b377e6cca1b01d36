using System.CommandLine;
using System.Diagnostics;
using Factory.CommandLine;
using Factory.Runtime;
using Factory.Runtime.Engine;

namespace Factory.Bench.Inference;

/// <summary>Whether memory stays where it is over very many requests.</summary>
internal static class SoakBench
{
    private const int Parts = 20;
    private const double Band = 0.02;

    public static Command Create()
    {
        Option<int> requests = CheckedOption.Whole("--requests", "Short requests in all.", 200_000, least: 200, most: 100_000_000);
        Option<int> concurrency = CheckedOption.Whole("--concurrency", "Clients, each with one request at a time.", 64, least: 1, most: 10_000);
        var command = new Command("soak", "Sends very many short requests through one engine and watches the process's memory: after a tenth it must stay within 2 %.") { requests, concurrency };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using LanguageModel model = BenchModel.Load(parsed, Console.WriteLine);
            using var engine = new InferenceEngine(model);
            int total = parsed.GetValue(requests);
            List<double> resident = [];
            var clock = Stopwatch.StartNew();
            for (int part = 0; part < Parts; part++)
            {
                int next = (int)((long)total * part / Parts);
                int end = (int)((long)total * (part + 1) / Parts);
                await Task.WhenAll(Enumerable.Range(0, parsed.GetValue(concurrency)).Select(_ => ClientAsync())).ConfigureAwait(false);
                resident.Add(Environment.WorkingSet / 1e6);
                Console.WriteLine(FormattableString.Invariant($"{end} requests, {clock.Elapsed.TotalSeconds:0} s, resident {resident[^1]:0.0} MB, managed {GC.GetTotalMemory(false) / 1e6:0.0} MB, KV {engine.Statistics.KvCacheBytesUsed / 1e6:0.0} MB"));

                async Task ClientAsync()
                {
                    for (int i = Interlocked.Increment(ref next) - 1; i < end; i = Interlocked.Increment(ref next) - 1)
                    {
                        await SendAsync(engine, i, cancellationToken).ConfigureAwait(false);
                    }
                }
            }
            // The first two parts are the warm-up.
            double[] after = [.. resident.Skip(Parts / 10)];
            double spread = (after.Max() - after[0]) / after[0];
            Console.WriteLine(FormattableString.Invariant($"After {total / 10} requests: {after[0]:0.0} MB, then from {after.Min():0.0} to {after.Max():0.0} MB ({spread:+0.0 %;-0.0 %} at most; limit {Band:0 %})."));
            return spread <= Band ? 0 : 1;
        });
        return command;
    }

    /// <summary>Lengths, samplers and ends of every kind; one in sixteen is left early.</summary>
    private static async Task SendAsync(InferenceEngine engine, int i, CancellationToken cancellationToken)
    {
        int read = 0;
        var request = new InferenceRequest
        {
            PromptIds = Prompts.Create(1 + (i % 23), engine.Model.Bundle.Architecture.VocabularySize, row: i % 97),
            MaxNewTokens = 1 + (i % 7),
            LogProbabilities = i % 5 == 0 ? 3 : null,
            Sampling = i % 2 == 0 ? new SamplingOptions() : new SamplingOptions { Temperature = 1, TopP = 0.9, Seed = (ulong)i },
        };
        await foreach (TokenDelta _ in engine.SubmitAsync(request, cancellationToken).ConfigureAwait(false))
        {
            if (i % 16 == 0 && ++read == 2)
            {
                break;
            }
        }
    }
}
