using System.Diagnostics;

namespace Factory.Exporter.Tests;

/// <summary>The Exporter as its users run it: a process of its own.</summary>
internal sealed record ExporterProcess(int ExitCode, string Output, string Errors)
{
    public static Task<ExporterProcess> RunAsync(string workingDirectory, params string[] arguments) => StartAsync(workingDirectory, ["dotnet", Program, .. arguments]);

    /// <summary>As a user without rights, who may enter the directory; skips the calling test where this process cannot start one.</summary>
    public static Task<ExporterProcess> RunUnprivilegedAsync(string workingDirectory, params string[] arguments)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess && File.Exists("/usr/bin/setpriv"), "needs Linux, root and setpriv");
        UnixMode.Set(workingDirectory, 0b111_101_101);
        return StartAsync(workingDirectory, ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "dotnet", Program, .. arguments]);
    }

    /// <summary>With a standard output that takes nothing.</summary>
    public static Task<ExporterProcess> RunIntoFullDeviceAsync(string workingDirectory, params string[] arguments)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs /dev/full");
        return StartAsync(workingDirectory, ["sh", "-c", "exec \"$@\" > /dev/full", "sh", "dotnet", Program, .. arguments]);
    }

    /// <summary>Left running; what it prints goes nowhere.</summary>
    public static Process Start(string workingDirectory, params string[] arguments)
    {
        Process process = Process.Start(StartInfo(workingDirectory, ["dotnet", Program, .. arguments]))!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private static string Program => Path.Combine(AppContext.BaseDirectory, "Factory.Exporter.dll");

    private static async Task<ExporterProcess> StartAsync(string workingDirectory, IReadOnlyList<string> command)
    {
        using Process process = Process.Start(StartInfo(workingDirectory, command))!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new ExporterProcess(process.ExitCode, await output, await errors);
    }

    private static ProcessStartInfo StartInfo(string workingDirectory, IReadOnlyList<string> command) => new(command[0], command.Skip(1))
    {
        WorkingDirectory = workingDirectory,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    };
}
