using System.Reflection;
using System.Text.RegularExpressions;

namespace Factory.EndToEnd.Tests;

/// <summary>Libraries that a machine already has, used through FACTORY_LIBTORCH and FACTORY_ONNXRUNTIME.</summary>
public sealed partial class NativeLibraryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_doctors_find_a_machine_without_a_gpu_healthy()
    {
        string trainer = await Executable.SucceedAsync(Executable.Trainer, _folder.Path, ["doctor"]);
        Assert.Matches(@"libtorch +2\.10\.0, ", trainer);
        Assert.Matches(@"Matrix products +fp32 [\d,.]+ GFLOP/s, bf16 [\d,.]+ GFLOP/s", trainer);
        string server = await Executable.SucceedAsync(Executable.InferenceApi, _folder.Path, ["doctor"]);
        Assert.Matches(@"ONNX Runtime +1\.31\.\d+, ", server);
        Assert.Matches(@"Matrix products +fp32 [\d,.]+ GFLOP/s", server);
    }

    [Fact]
    public async Task Factory_libtorch_takes_the_place_of_the_package_beside_the_executable()
    {
        string lib = PyTorch("2.10.0+cpu", CopyOfPackage);
        string report = await Executable.SucceedAsync(Executable.Trainer, _folder.Path, ["doctor"], environment: Libtorch(lib));
        Assert.Matches($@"libtorch +2\.10\.0, {lib}/libtorch_cpu\.so", report);
    }

    [Theory]
    [InlineData("2.13.0+cu130", "2.13.0")]
    [InlineData("2.9.1", "2.9.1")]
    public async Task A_libtorch_of_another_version_is_refused_with_both_versions(string version, string shown)
    {
        Outcome outcome = await Executable.RunAsync(
            Executable.Trainer, _folder.Path, ["doctor"], environment: Libtorch(PyTorch(version, Empty)));
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains($"FACTORY_LIBTORCH: expected libtorch 2.10 or 2.11, found {shown} in", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Factory_onnxruntime_takes_the_place_of_the_package()
    {
        string library = _folder.At("libonnxruntime.so.1.31.0");
        File.Copy(PackageOnnxRuntime(), library);
        string report = await Executable.SucceedAsync(Executable.InferenceApi, _folder.Path, ["doctor"], environment: OnnxRuntime());
        Assert.Matches($@"ONNX Runtime +1\.31\.0, {library}", report);
    }

    [Fact]
    public async Task An_onnxruntime_of_another_version_is_refused_with_both_versions()
    {
        // The real library, made to say that it is another.
        byte[] library = await File.ReadAllBytesAsync(PackageOnnxRuntime(), TestContext.Current.CancellationToken);
        for (int at = library.AsSpan().IndexOf("1.31.0\0"u8); at >= 0; at = library.AsSpan().IndexOf("1.31.0\0"u8))
        {
            "1.30.0"u8.CopyTo(library.AsSpan(at));
        }
        await File.WriteAllBytesAsync(_folder.At("libonnxruntime.so.1.30.0"), library, TestContext.Current.CancellationToken);
        Outcome outcome = await Executable.RunAsync(Executable.InferenceApi, _folder.Path, ["doctor"], environment: OnnxRuntime());
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("FACTORY_ONNXRUNTIME: expected ONNX Runtime 1.31.x, found 1.30.0 in", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_without_the_library_is_refused_by_name()
    {
        Outcome trainer = await Executable.RunAsync(Executable.Trainer, _folder.Path, ["doctor"], environment: Libtorch(_folder.Path));
        Assert.Equal(2, trainer.ExitCode);
        Assert.Contains($"found none in {_folder.Path}", trainer.Output, StringComparison.Ordinal);
        Outcome server = await Executable.RunAsync(Executable.InferenceApi, _folder.Path, ["doctor"], environment: OnnxRuntime());
        Assert.Equal(2, server.ExitCode);
        Assert.Contains($"found none in {_folder.Path}", server.Output, StringComparison.Ordinal);
    }

    /// <summary>A PyTorch's layout: torch/version.py and torch/lib with a file for each library, made by <paramref name="create"/>.</summary>
    private string PyTorch(string version, Action<string> create)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "FACTORY_LIBTORCH is for Linux");
        string lib = Directory.CreateDirectory(_folder.At("torch", "lib")).FullName;
        File.WriteAllText(_folder.At("torch", "version.py"), $"from typing import Optional\n__version__ = '{version}'\n");
        foreach (string file in Directory.GetFiles(BesideExecutable(Executable.Trainer)).Where(path => LibTorch().IsMatch(Path.GetFileName(path))))
        {
            create(Path.Combine(lib, Path.GetFileName(file)));
        }
        return lib;
    }

    private static void CopyOfPackage(string path) => File.Copy(Path.Combine(BesideExecutable(Executable.Trainer), Path.GetFileName(path)), path);

    private static void Empty(string path) => File.WriteAllBytes(path, []);

    [GeneratedRegex(@"^lib(c10|torch|torch_cpu|gomp.*)\.so")]
    private static partial Regex LibTorch();

    private static string PackageOnnxRuntime()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the file names are Linux's");
        return Directory.GetFiles(BesideExecutable(Executable.InferenceApi), "libonnxruntime.so", SearchOption.AllDirectories).First(path => path.Contains("x64", StringComparison.Ordinal));
    }

    private static string BesideExecutable(string name) =>
        Path.GetDirectoryName(typeof(NativeLibraryTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(item => item.Key == name).Value!)!;

    private static Dictionary<string, string> Libtorch(string folder) => new() { ["FACTORY_LIBTORCH"] = folder };

    private Dictionary<string, string> OnnxRuntime() => new() { ["FACTORY_ONNXRUNTIME"] = _folder.Path };
}
