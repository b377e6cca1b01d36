using System.Diagnostics;
using System.Threading.Channels;

namespace Factory.InferenceApi.Tests;

/// <summary>The executable as a person starts it.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly Task<string> _output;
    private readonly List<string> _errors = [];

    private ServerProcess(Process process)
    {
        _process = process;
        _output = process.StandardOutput.ReadToEndAsync(Ct);
        process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is string text)
            {
                _errors.Add(text);
                _lines.Writer.TryWrite(text);
            }
            else
            {
                _lines.Writer.Complete();
            }
        };
        process.BeginErrorReadLine();
    }

    /// <summary>Lines on stderr so far.</summary>
    public IReadOnlyList<string> Errors => _errors;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static ServerProcess Start(string workingDirectory, params string[] arguments) => Start(workingDirectory, new Dictionary<string, string>(), arguments);

    public static ServerProcess Start(string workingDirectory, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            WorkingDirectory = workingDirectory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string argument in (string[])[Path.Combine(AppContext.BaseDirectory, "Factory.InferenceApi.dll"), .. arguments])
        {
            start.ArgumentList.Add(argument);
        }
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }
        return new ServerProcess(Process.Start(start)!);
    }

    /// <summary>A client of the server, once its model is served.</summary>
    public async Task<HttpClient> ConnectAsync()
    {
        string line = await LineAsync("Listening on ");
        await LineAsync("Serving ");
        return new HttpClient { BaseAddress = new Uri(line.Split(' ')[2].TrimEnd(';')), Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>The next line on stderr that contains <paramref name="text"/>.</summary>
    public async Task<string> LineAsync(string text)
    {
        await foreach (string line in _lines.Reader.ReadAllAsync(Ct))
        {
            if (line.Contains(text, StringComparison.Ordinal))
            {
                return line;
            }
        }
        throw new InvalidOperationException($"The server ended without '{text}': {string.Join('\n', _errors)}");
    }

    public async Task SignalAsync(string signal)
    {
        IgnoredSignal.SkipIfIgnored(_process.Id, signal == "INT" ? 2 : 15);
        using Process kill = Process.Start("kill", [$"-{signal}", $"{_process.Id}"]);
        await kill.WaitForExitAsync(Ct);
    }

    /// <summary>Exit code and stdout.</summary>
    public async Task<(int Code, string Output)> EndAsync()
    {
        await _process.WaitForExitAsync(Ct);
        return (_process.ExitCode, await _output);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }
        _process.Dispose();
    }
}
