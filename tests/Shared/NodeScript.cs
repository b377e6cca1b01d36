using System.ComponentModel;
using System.Diagnostics;

namespace Factory.Tests;

/// <summary>A script of tests/Node: other people's JavaScript packages. Skips the test where Node or the packages are missing.</summary>
internal static class NodeScript
{
    private static string Folder { get; } = Path.Combine(GoldenData.Repository, "tests", "Node");

    /// <summary>What <c>node SCRIPT ARGUMENTS</c> prints.</summary>
    /// <param name="package">The package that the script needs.</param>
    public static async Task<string> RunAsync(string script, string package, params string[] arguments)
    {
        Assert.SkipUnless(Directory.Exists(Path.Combine(Folder, "node_modules", package)), "tests/Node is not restored: run 'npm ci --ignore-scripts' there");
        var start = new ProcessStartInfo("node", [script, .. arguments]) { WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true };
        Process? process = null;
        try
        {
            process = Process.Start(start)!;
        }
        catch (Win32Exception)
        {
            Assert.Skip("there is no 'node' on the PATH");
        }
        using (process)
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(process.ExitCode == 0, await errors);
            return await output;
        }
    }
}
