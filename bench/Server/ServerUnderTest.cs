using System.Diagnostics;
using System.Globalization;

namespace Factory.Bench.Server;

/// <summary>The server as a process of its own.</summary>
internal sealed class ServerUnderTest : IAsyncDisposable
{
    private readonly Process _process;
    private readonly DirectoryInfo _state;

    private ServerUnderTest(Process process, DirectoryInfo state, Uri url, string modelName, double startSeconds)
    {
        (_process, _state, ModelName, StartSeconds) = (process, state, modelName, startSeconds);
        Client = new HttpClient { BaseAddress = url, Timeout = Timeout.InfiniteTimeSpan };
    }

    public HttpClient Client { get; }

    public string ModelName { get; }

    /// <summary>From the start of the process to the line that says it serves.</summary>
    public double StartSeconds { get; }

    public TimeSpan CpuTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public double ResidentMegabytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64 / 1e6;
        }
    }

    public static async Task<ServerUnderTest> StartAsync(string model, int threads, int clients, CancellationToken cancellationToken)
    {
        DirectoryInfo state = Directory.CreateTempSubdirectory("factory-bench-");
        var start = new ProcessStartInfo("dotnet",
        [
            Path.Combine(AppContext.BaseDirectory, "Factory.InferenceApi.dll"), "--model", model, "--urls", "http://127.0.0.1:0", "--state", state.FullName,
            "--threads", threads.ToString(CultureInfo.InvariantCulture), "--max-concurrent", Math.Max(32, clients).ToString(CultureInfo.InvariantCulture),
        ])
        { RedirectStandardError = true };
        long started = Stopwatch.GetTimestamp();
        Process process = Process.Start(start)!;
        Uri? url = null;
        while (await process.StandardError.ReadLineAsync(cancellationToken) is string line)
        {
            if (line.StartsWith("Listening on ", StringComparison.Ordinal))
            {
                url = new Uri(line.Split(' ')[2].TrimEnd(';'));
            }
            if (line.StartsWith("Serving ", StringComparison.Ordinal))
            {
                double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
                // What it says from now on is an error.
                _ = process.StandardError.BaseStream.CopyToAsync(Console.OpenStandardError(), CancellationToken.None);
                return new ServerUnderTest(process, state, url!, Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(model))), seconds);
            }
            Console.Error.WriteLine(line);
        }
        throw new InvalidOperationException("The server ended before it served.");
    }

    /// <summary>Percent of one core that it takes while nobody asks.</summary>
    public async Task<double> IdleAsync(TimeSpan time, CancellationToken cancellationToken)
    {
        TimeSpan before = CpuTime;
        await Task.Delay(time, cancellationToken);
        return 100 * (CpuTime - before) / time;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _state.Delete(recursive: true);
    }
}
