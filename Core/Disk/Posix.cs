using System.Runtime.InteropServices;

namespace Factory.Core.Disk;

/// <summary>The two calls of Linux that .NET does not offer. Elsewhere, and on file systems that lack them, both answer "no".</summary>
internal static partial class Posix
{
    private const int CurrentDirectory = -100;
    private const uint Exchange = 2;
    private const uint TypeMask = 1;
    private const int StatxBytes = 256;
    private const int ModeOffset = 28;
    private const int FormatBits = 0xF000;
    private const int RegularFile = 0x8000;
    private const int DirectoryFile = 0x4000;

    /// <summary>Swaps two directories in one step, so that at no moment one of the names is missing.</summary>
    public static bool TryExchange(string first, string second) =>
        OperatingSystem.IsLinux() && Tried(() => RenameAt(CurrentDirectory, first, CurrentDirectory, second, Exchange) == 0);

    /// <summary>Whether something stands at <paramref name="path"/> that is neither file nor directory: a device, a pipe, a socket.</summary>
    public static bool IsSpecial(string path) => TypeOf(path) is not (null or RegularFile or DirectoryFile);

    /// <summary>Whether a file with content of its own stands at <paramref name="path"/>; a link counts for what it leads to.</summary>
    public static bool IsRegular(string path) => OperatingSystem.IsLinux() ? TypeOf(path) == RegularFile : File.Exists(path);

    /// <summary>The format bits of what stands there, links followed; null: nothing, or not to be found out.</summary>
    private static int? TypeOf(string path)
    {
        var status = new byte[StatxBytes];
        return OperatingSystem.IsLinux() && Tried(() => Statx(CurrentDirectory, path, 0, TypeMask, status) == 0)
            ? BitConverter.ToUInt16(status, ModeOffset) & FormatBits
            : null;
    }

    private static bool Tried(Func<bool> call)
    {
        try
        {
            return call();
        }
        catch (EntryPointNotFoundException)
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "renameat2", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameAt(int oldFolder, string oldPath, int newFolder, string newPath, uint flags);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, [Out] byte[] status);
}
