using System.Runtime.InteropServices;
using Factory.Core;

namespace Factory.Trainer.LibTorch;

/// <summary>A libtorch that did not come with the package: checked by version, then loaded by full path, so that TorchSharp's library finds it in place.</summary>
internal static class ForeignLibTorch
{
    /// <summary>
    /// In the order in which they need each other. Those with CUDA exist only in CUDA builds.
    /// </summary>
    private static readonly (string File, bool Required)[] Libraries =
    [
        ("libc10.so", true), ("libtorch_cpu.so", true), ("libc10_cuda.so", false), ("libtorch_cuda.so", false), ("libtorch.so", true),
    ];

    /// <exception cref="UserError">Not a libtorch, or one that TorchSharp 0.107 does not work with.</exception>
    public static void Load(string folder)
    {
        folder = Path.GetFullPath(folder);
        if (!OperatingSystem.IsLinux())
        {
            throw new UserError($"{LibTorchLibrary.Variable}: expected Linux (elsewhere only the package's libtorch is supported), found {RuntimeInformation.OSDescription}. Unset it.");
        }
        if (Libraries.FirstOrDefault(library => library.Required && !File.Exists(Path.Combine(folder, library.File))) is { File: string missing })
        {
            throw new UserError($"{LibTorchLibrary.Variable}: expected a folder with {missing} (a PyTorch's torch/lib), found none in {folder}.");
        }
        if (LibTorchVersion.FromFolder(folder) is Version stated)
        {
            Check(stated, folder);
        }
        foreach ((string file, bool required) in Libraries)
        {
            string path = Path.Combine(folder, file);
            if (!required && !File.Exists(path))
            {
                continue;
            }
            nint library;
            try
            {
                library = NativeLibrary.Load(path);
            }
            catch (Exception error) when (error is DllNotFoundException or BadImageFormatException)
            {
                throw new UserError($"{LibTorchLibrary.Variable}: expected {path} to load, found: {error.Message.ReplaceLineEndings(" ").Trim()}", error);
            }
            if (file == "libtorch_cpu.so")
            {
                Check(LibTorchVersion.FromLibrary(library) ?? throw new UserError($"{LibTorchLibrary.Variable}: expected libtorch 2.10 or 2.11, found one before 2.9 in {folder}."), folder);
            }
        }
    }

    /// <summary>
    /// TorchSharp 0.107.0 is built against 2.10; every symbol it imports is also in 2.11. In 2.13 at::Dimname::fromSymbol and 14 others are gone.
    /// </summary>
    private static void Check(Version version, string folder)
    {
        if (version is not { Major: 2, Minor: 10 or 11 })
        {
            throw new UserError($"{LibTorchLibrary.Variable}: expected libtorch 2.10 or 2.11, found {version.ToString(3)} in {folder}. "
                + "Name the torch/lib folder of such a PyTorch, or unset the variable to use the package's libtorch 2.10.");
        }
    }
}
