using System.Diagnostics;

namespace Factory.EndToEnd.Tests;

/// <summary>
/// The build with CUDA packages on a machine without a GPU. It takes minutes and restores some 400 MB, so it runs only where FACTORY_TEST_CUDA_BUILD
/// is 1.
/// </summary>
public sealed class CudaBuildTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_cuda_build_restores_locked_starts_names_the_missing_library_and_serves_on_the_cpu()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("FACTORY_TEST_CUDA_BUILD") == "1", "set FACTORY_TEST_CUDA_BUILD=1 to build with CUDA packages");
        string artifacts = _folder.At("artifacts");
        string project = Path.Combine(GoldenData.Repository, "InferenceApi");
        string[] properties = ["-p:Accelerator=cuda", $"-p:ArtifactsPath={artifacts}", "-v", "quiet"];
        await DotnetAsync(["restore", project, "--locked-mode", .. properties]);
        await DotnetAsync(["build", project, "--no-restore", .. properties]);
        string server = Directory.GetFiles(artifacts, "Factory.InferenceApi.dll", SearchOption.AllDirectories).First(path => path.Contains($"{Path.DirectorySeparatorChar}bin{Path.DirectorySeparatorChar}", StringComparison.Ordinal));

        Outcome doctor = await RunAsync([server, "doctor"]);
        Assert.Equal(0, doctor.ExitCode);
        Assert.Contains("CUDAExecutionProvider", doctor.Output, StringComparison.Ordinal);

        await Executable.SucceedAsync(
            Executable.Trainer, _folder.Path,
            ["import", "llama2c", "--input", GoldenData.At("stories260K", "stories260K.bin"), "--tokenizer", GoldenData.At("stories260K", "tok512.bin")]);
        await Executable.SucceedAsync(Executable.Exporter, _folder.Path, ["--precision", "fp16"]);
        string[] serve = [server, "--model", Path.Combine("models", "stories260K"), "--urls", "http://127.0.0.1:0"];
        Outcome insists = await RunAsync([.. serve, "--provider", "cuda"]);
        Assert.NotEqual(0, insists.ExitCode);
        Assert.Contains(insists.Error.Split('\n'), line => line.Contains("lib", StringComparison.Ordinal) && line.Contains(".so", StringComparison.Ordinal) && line.Contains("is missing", StringComparison.Ordinal));

        using Process process = Start(serve);
        try
        {
            string line = await ReadUntilAsync(process.StandardError, "Serving ");
            Assert.Contains(" on cpu ", line, StringComparison.Ordinal);
        }
        finally
        {
            process.Kill();
        }
    }

    private static async Task<string> ReadUntilAsync(StreamReader reader, string word)
    {
        while (await reader.ReadLineAsync(TestContext.Current.CancellationToken) is string line)
        {
            if (line.Contains(word, StringComparison.Ordinal))
            {
                return line;
            }
        }
        throw new InvalidOperationException($"The server ended without a line with '{word}'.");
    }

    /// <summary>Its output goes where ours does: a compile server that it starts would keep a pipe open.</summary>
    private async Task DotnetAsync(IEnumerable<string> arguments)
    {
        using Process process = Start(arguments, redirect: false);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
    }

    private async Task<Outcome> RunAsync(IEnumerable<string> arguments)
    {
        using Process process = Start(arguments);
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new Outcome(process.ExitCode, await output, await error);
    }

    private Process Start(IEnumerable<string> arguments, bool redirect = true)
    {
        var start = new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = _folder.Path, RedirectStandardOutput = redirect, RedirectStandardError = redirect };
        // Under 'dotnet test' these point a child at the parent's MSBuild.
        foreach (string variable in start.Environment.Keys.Where(key => key.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToList())
        {
            start.Environment.Remove(variable);
        }
        return Process.Start(start)!;
    }
}
