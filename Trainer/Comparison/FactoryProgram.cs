using System.Diagnostics;
using Factory.CommandLine;
using Factory.Core;

namespace Factory.Trainer.Comparison;

/// <summary>
/// Another of Factory's executables, run as a process: libtorch and ONNX Runtime do not meet in one, and nothing of it is linked here. It stands beside
/// the Trainer, or where the same build of the repository put it: artifacts/bin/NAME/CONFIGURATION.
/// </summary>
/// <param name="name">Of its project.</param>
internal sealed class FactoryProgram(string name)
{
    private readonly string _assembly = Find(name, AppContext.BaseDirectory)
        ?? throw new SettingError("evaluate", $"expected Factory's {name} beside the Trainer, built like it, found none. Build it: dotnet build -c Release {name}");

    /// <summary>Runs to the end; what it says on stderr, progress and errors, goes to ours, what it prints is dropped.</summary>
    /// <exception cref="UserError">It ended with an error, which it has said.</exception>
    public async Task RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        using Process process = Start(arguments, captureErrors: false);
        int exitCode = await EndAsync(process, cancellationToken).ConfigureAwait(false);
        if (exitCode != 0)
        {
            throw new UserError($"{name} ended with exit code {exitCode} (see above) at: {string.Join(' ', arguments.Select(ShellWord.Quote))}. What is finished is kept; start the same command again.");
        }
    }

    /// <summary>Runs to the end without a word.</summary>
    /// <returns>What it says against the arguments; null where it ended well.</returns>
    public async Task<string?> CheckAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        using Process process = Start(arguments, captureErrors: true);
        Task<string> errors = process.StandardError.ReadToEndAsync(cancellationToken);
        int exitCode = await EndAsync(process, cancellationToken).ConfigureAwait(false);
        return exitCode == 0 ? null : (await errors.ConfigureAwait(false)).Trim();
    }

    private Process Start(IReadOnlyList<string> arguments, bool captureErrors)
    {
        // As this process was started: by an apphost, or by the host that is given the assembly.
        string host = Environment.ProcessPath!;
        (string file, IReadOnlyList<string> all) = Path.GetFileNameWithoutExtension(host) == "dotnet"
            ? (host, ["exec", _assembly, .. arguments])
            : (Path.ChangeExtension(_assembly, OperatingSystem.IsWindows() ? ".exe" : null), arguments);
        return Process.Start(new ProcessStartInfo(file, all) { RedirectStandardOutput = true, RedirectStandardError = captureErrors })!;
    }

    private static async Task<int> EndAsync(Process process, CancellationToken cancellationToken)
    {
        try
        {
            while (await process.StandardOutput.ReadLineAsync(cancellationToken).ConfigureAwait(false) is not null)
            {
                // Results are read from files.
            }
            await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Whatever it was writing has a name of its own until it is whole.
            process.Kill();
            throw;
        }
        cancellationToken.ThrowIfCancellationRequested();
        return process.ExitCode;
    }

    /// <param name="directory">The Trainer's.</param>
    internal static string? Find(string name, string directory)
    {
        string own = Path.TrimEndingDirectorySeparator(directory);
        string file = $"Factory.{name}.dll";
        string configuration = Path.GetFileName(own).Split('_')[0];
        string builds = Path.Combine(own, "..", "..", name);
        return new[] { own }
            .Concat(Directory.Exists(builds) ? Directory.EnumerateDirectories(builds).Where(build => Path.GetFileName(build).Split('_')[0] == configuration).Order(StringComparer.Ordinal) : [])
            .Select(folder => Path.GetFullPath(Path.Combine(folder, file)))
            .FirstOrDefault(File.Exists);
    }
}
