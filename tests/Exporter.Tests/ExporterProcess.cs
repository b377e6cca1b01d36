using System.Diagnostics;

namespace Factory.Exporter.Tests;

/// <summary>The Exporter as its users run it: a process of its own.</summary>
internal sealed record ExporterProcess(int ExitCode, string Output, string Errors)
{
    public static async Task<ExporterProcess> RunAsync(string workingDirectory, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Factory.Exporter.dll"), .. arguments])
        {
            WorkingDirectory = workingDirectory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new ExporterProcess(process.ExitCode, await output, await errors);
    }
}
