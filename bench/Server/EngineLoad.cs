using System.Collections.Concurrent;
using System.Diagnostics;
using Factory.Runtime.Engine;

namespace Factory.Bench.Server;

/// <summary>The clients' requests, put to the engine itself.</summary>
internal static class EngineLoad
{
    public static async Task<LoadResult> RunAsync(InferenceEngine engine, Workload work, int clients, CancellationToken cancellationToken)
    {
        var firsts = new ConcurrentBag<double>();
        long tokens = 0;
        TimeSpan cpu = Environment.CpuUsage.TotalTime;
        long start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, clients).Select(_ => Task.Run(ClientAsync, cancellationToken)));
        return new LoadResult(tokens, Stopwatch.GetElapsedTime(start).TotalSeconds, [.. firsts], (Environment.CpuUsage.TotalTime - cpu).TotalSeconds, 0);

        async Task ClientAsync()
        {
            for (int i = 0; i < work.Requests; i++)
            {
                var request = new InferenceRequest { PromptIds = work.NextPrompt(engine.Model.Bundle.Architecture.VocabularySize), MaxNewTokens = work.New };
                long asked = Stopwatch.GetTimestamp();
                int got = 0;
                await foreach (TokenDelta _ in engine.SubmitAsync(request, cancellationToken))
                {
                    if (got++ == 0)
                    {
                        firsts.Add(Stopwatch.GetElapsedTime(asked).TotalSeconds);
                    }
                }
                Interlocked.Add(ref tokens, got);
            }
        }
    }
}
