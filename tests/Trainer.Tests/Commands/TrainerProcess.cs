using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Factory.Trainer.Tests.Commands;

/// <summary>The real Trainer, started as a process in a folder of its own.</summary>
internal sealed partial class TrainerProcess : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task<string> _errors;

    private TrainerProcess(Process process)
    {
        _process = process;
        _output = process.StandardOutput.ReadToEndAsync();
        _errors = process.StandardError.ReadToEndAsync();
    }

    public static string Executable { get; } = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "Factory.Trainer.exe" : "Factory.Trainer");

    public static TrainerProcess Start(string folder, params string[] arguments) => Start(folder, [Executable, .. arguments], []);

    /// <param name="command">Program and arguments.</param>
    /// <param name="environment">Variables to set.</param>
    public static TrainerProcess Start(string folder, string[] command, Dictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }
        return new TrainerProcess(Process.Start(start)!);
    }

    /// <summary>As a user without rights, who may enter <paramref name="folder"/>; skips the calling test where this process cannot start one.</summary>
    public static TrainerProcess StartUnprivileged(string folder, params string[] arguments)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess && File.Exists("/usr/bin/setpriv"), "needs Linux, root and setpriv");
        UnixMode.Set(folder, 0b111_101_101);
        return Start(folder, ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", Executable, .. arguments], new() { ["HOME"] = "/tmp", ["DOTNET_CLI_HOME"] = "/tmp" });
    }

    /// <summary>Runs to the end.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(string folder, params string[] arguments)
    {
        using TrainerProcess trainer = Start(folder, arguments);
        return await trainer.EndAsync();
    }

    /// <summary>Returns when a file below the working directory has so many lines, or when the process ends.</summary>
    public Task WaitForLinesAsync(int lines, params string[] parts)
    {
        string file = Path.Combine([_process.StartInfo.WorkingDirectory, .. parts]);
        return WaitUntilAsync(() => Count() >= lines);

        int Count()
        {
            if (!File.Exists(file))
            {
                return 0;
            }
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var reader = new StreamReader(stream);
            return reader.ReadToEnd().Count(character => character == '\n');
        }
    }

    /// <summary>Returns when something below the working directory has changed so that <paramref name="holds"/>, or when the process ends.</summary>
    public async Task WaitUntilAsync(Func<bool> holds)
    {
        using var watcher = new FileSystemWatcher(_process.StartInfo.WorkingDirectory) { IncludeSubdirectories = true, EnableRaisingEvents = true };
        using var changed = new SemaphoreSlim(0);
        watcher.Changed += (_, _) => changed.Release();
        watcher.Created += (_, _) => changed.Release();
        Task end = _process.WaitForExitAsync();
        while (!end.IsCompleted && !holds())
        {
            await Task.WhenAny(end, changed.WaitAsync());
        }
    }

    /// <summary>kill -9.</summary>
    public void Kill() => _process.Kill();

    public void Signal(PosixSignal signal) => Signal(_process.Id, signal);

    public static void Signal(int process, PosixSignal signal)
    {
        int number = signal switch { PosixSignal.SIGHUP => 1, PosixSignal.SIGINT => 2, _ => 15 };
        IgnoredSignal.SkipIfIgnored(process, number);
        Assert.Equal(0, SendSignal(process, number));
    }

    public async Task<(int ExitCode, string Output, string Errors)> EndAsync()
    {
        await _process.WaitForExitAsync();
        return (_process.ExitCode, await _output, await _errors);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }
        _process.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);
}
