using System.Diagnostics;
using System.Text.Json;

namespace Factory.Core.Tests.Build;

/// <summary>What <c>-p:Accelerator=cpu|cuda</c> makes of the projects, as MSBuild evaluates them; nothing is restored.</summary>
public sealed class AcceleratorTests
{
    [Theory]
    [InlineData("cpu", "TorchSharp", "libtorch-cpu-linux-x64")]
    [InlineData("cuda", "TorchSharp", "TorchSharp-cuda-linux")]
    public async Task Trainer_references_the_libtorch_of_the_choice(string accelerator, params string[] packages)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "elsewhere the packages are those of that platform");
        JsonElement evaluated = await EvaluateAsync("Trainer", accelerator);
        Assert.Equal(packages, Names(evaluated, "PackageReference").Where(name => name.Contains("torch", StringComparison.OrdinalIgnoreCase)));
        Assert.Equal("0.107.0", VersionOf(evaluated, packages[0]));
        Assert.Equal(accelerator == "cuda" ? "0.107.0" : "2.10.0", VersionOf(evaluated, packages[^1]));
    }

    [Theory]
    [InlineData("cpu", "Microsoft.ML.OnnxRuntime")]
    [InlineData("cuda", "Microsoft.ML.OnnxRuntime.Gpu")]
    public async Task Runtime_references_the_onnx_runtime_of_the_choice(string accelerator, string package)
    {
        JsonElement evaluated = await EvaluateAsync("Runtime", accelerator);
        Assert.Equal([package], Names(evaluated, "PackageReference").Where(name => name.StartsWith("Microsoft.ML.OnnxRuntime", StringComparison.Ordinal)));
        Assert.Equal("1.31.0", VersionOf(evaluated, package));
    }

    [Fact]
    public async Task Each_choice_has_its_own_lock_file()
    {
        Assert.Equal("", LockFile(await EvaluateAsync("Runtime", "cpu"))); // the default, packages.lock.json
        Assert.Equal("packages.cuda.lock.json", LockFile(await EvaluateAsync("Runtime", "cuda")));
    }

    [Fact]
    public async Task Another_value_is_refused_with_the_right_ones()
    {
        (int exitCode, string output) = await MsBuildAsync("Core", "rocm", "-target:CheckAccelerator");
        Assert.Equal(1, exitCode);
        Assert.Contains("Accelerator: expected cpu or cuda, found 'rocm'", output, StringComparison.Ordinal);
    }

    private static async Task<JsonElement> EvaluateAsync(string project, string accelerator)
    {
        (int exitCode, string output) = await MsBuildAsync(project, accelerator, "-getItem:PackageReference", "-getItem:PackageVersion", "-getProperty:NuGetLockFilePath");
        Assert.True(exitCode == 0, output);
        return JsonElement.Parse(output);
    }

    private static async Task<(int ExitCode, string Output)> MsBuildAsync(string project, string accelerator, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", ["msbuild", Path.Combine(GoldenData.Repository, project), "-nologo", $"-property:Accelerator={accelerator}", .. arguments])
        {
            RedirectStandardOutput = true,
        };
        // Under 'dotnet test' these point a child at the parent's MSBuild.
        foreach (string variable in start.Environment.Keys.Where(key => key.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToList())
        {
            start.Environment.Remove(variable);
        }
        using Process process = Process.Start(start)!;
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output);
    }

    private static IEnumerable<string> Names(JsonElement evaluated, string item) =>
        evaluated.GetProperty("Items").GetProperty(item).EnumerateArray().Select(element => element.GetProperty("Identity").GetString()!);

    private static string? VersionOf(JsonElement evaluated, string package) =>
        evaluated.GetProperty("Items").GetProperty("PackageVersion").EnumerateArray()
            .Single(element => element.GetProperty("Identity").GetString() == package).GetProperty("Version").GetString();

    private static string? LockFile(JsonElement evaluated) => evaluated.GetProperty("Properties").GetProperty("NuGetLockFilePath").GetString();
}
