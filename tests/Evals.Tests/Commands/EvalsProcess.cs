using System.Diagnostics;

namespace Factory.Evals.Tests.Commands;

/// <summary>Evals as its users run it: a process of its own.</summary>
internal sealed record EvalsProcess(int ExitCode, string Output, string Errors)
{
    public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public static async Task<EvalsProcess> RunAsync(string workingDirectory, string input, params string[] arguments)
    {
        // Responses are kept in the test's own folder, not in the user's.
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Factory.Evals.dll"), .. arguments])
        {
            WorkingDirectory = workingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["XDG_CACHE_HOME"] = Path.Combine(workingDirectory, "cache") },
        };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new EvalsProcess(process.ExitCode, await output, await errors);
    }
}
