using System.Diagnostics;
using System.Reflection;

namespace Factory.EndToEnd.Tests;

/// <summary>Factory's executables, run as a person runs them.</summary>
internal static class Executable
{
    public const string Trainer = "Factory.Trainer";
    public const string Exporter = "Factory.Exporter";
    public const string Evals = "Factory.Evals";
    public const string InferenceApi = "Factory.InferenceApi";

    /// <summary>The assembly that was built for the tests.</summary>
    public static string PathOf(string name) => typeof(Executable).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(item => item.Key == name).Value!;

    /// <summary>Runs to the end in <paramref name="directory"/>.</summary>
    public static async Task<Outcome> RunAsync(
        string name, string directory, IEnumerable<string> arguments, string input = "", IReadOnlyDictionary<string, string>? environment = null)
    {
        using Process process = Start(name, directory, arguments, environment);
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new Outcome(process.ExitCode, await output, await error);
    }

    /// <summary>Runs to the end and requires success.</summary>
    /// <returns>What it wrote to stdout.</returns>
    public static async Task<string> SucceedAsync(string name, string directory, IEnumerable<string> arguments, string input = "", IReadOnlyDictionary<string, string>? environment = null)
    {
        Outcome outcome = await RunAsync(name, directory, arguments, input, environment);
        Assert.True(outcome.ExitCode == 0, $"{name} ended with {outcome.ExitCode}: {outcome.Error}");
        return outcome.Output;
    }

    public static Process Start(string name, string directory, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", PathOf(name), .. arguments])
        {
            WorkingDirectory = directory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string variable in new[] { "FACTORY_LIBTORCH", "FACTORY_ONNXRUNTIME" })
        {
            start.Environment.Remove(variable);
        }
        foreach ((string variable, string value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[variable] = value;
        }
        return Process.Start(start)!;
    }
}

/// <summary>How a process ended and what it wrote.</summary>
internal sealed record Outcome(int ExitCode, string Output, string Error);
