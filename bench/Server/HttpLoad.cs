using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;

namespace Factory.Bench.Server;

/// <summary>The clients' requests over HTTP, as streams of /v1/completions.</summary>
internal static class HttpLoad
{
    private const string Data = "data: ";

    public static async Task<LoadResult> RunAsync(ServerUnderTest server, Workload work, int clients, int vocabulary, CancellationToken cancellationToken)
    {
        var firsts = new ConcurrentBag<double>();
        long tokens = 0;
        TimeSpan cpu = Environment.CpuUsage.TotalTime, serverCpu = server.CpuTime;
        long start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, clients).Select(_ => Task.Run(ClientAsync, cancellationToken)));
        return new LoadResult(
            tokens, Stopwatch.GetElapsedTime(start).TotalSeconds, [.. firsts], (Environment.CpuUsage.TotalTime - cpu).TotalSeconds, (server.CpuTime - serverCpu).TotalSeconds);

        async Task ClientAsync()
        {
            for (int i = 0; i < work.Requests; i++)
            {
                long asked = Stopwatch.GetTimestamp();
                using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/completions")
                {
                    Content = JsonContent.Create(new
                    {
                        model = server.ModelName,
                        prompt = work.NextPrompt(vocabulary),
                        max_tokens = work.New,
                        temperature = 0,
                        ignore_eos = true,
                        stream = true,
                        stream_options = new { include_usage = true },
                    }),
                };
                using HttpResponseMessage answer = await server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
                answer.EnsureSuccessStatusCode();
                using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(cancellationToken));
                string last = "", before = "";
                bool first = true;
                while (await lines.ReadLineAsync(cancellationToken) is string line)
                {
                    if (line.StartsWith(Data, StringComparison.Ordinal))
                    {
                        if (first)
                        {
                            firsts.Add(Stopwatch.GetElapsedTime(asked).TotalSeconds);
                            first = false;
                        }
                        (before, last) = (last, line[Data.Length..]);
                    }
                }
                if (last != "[DONE]")
                {
                    throw new InvalidOperationException($"A stream ended with '{last}'.");
                }
                Interlocked.Add(ref tokens, JsonElement.Parse(before).GetProperty("usage").GetProperty("completion_tokens").GetInt64());
            }
        }
    }
}
