namespace Factory.Core.Disk;

/// <summary>Says of a path that a person gave for an output, before hours of work, whether the output can stand there.</summary>
public static class OutputPath
{
    /// <summary>What the setting is called wherever a person names an output.</summary>
    private const string Setting = "output";

    /// <summary>Where <paramref name="path"/> really is: absolute, without a separator at its end, a link at its end followed.</summary>
    public static string Real(string path)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        try
        {
            var file = new FileInfo(full);
            return file.LinkTarget is null ? full : Path.TrimEndingDirectorySeparator(file.ResolveLinkTarget(returnFinalTarget: true)!.FullName);
        }
        catch (IOException error)
        {
            throw new UserError($"{path}: expected a place to write, found a link that leads nowhere: {error.Message}", error);
        }
    }

    /// <summary>
    /// Passes where nothing stands, an empty directory or, with <paramref name="replace"/>, a directory of this kind (be it damaged).
    /// Whether the folder around it can be written to, <see cref="AtomicDirectory.Create"/> says.
    /// </summary>
    /// <param name="kind">As in the manifest, see <see cref="Manifest.Kind"/>.</param>
    /// <param name="cure">How a directory of this kind can be replaced after all, where <paramref name="replace"/> is not set.</param>
    /// <exception cref="SettingError">Something else stands there, which replacing would destroy, or nothing can be written there.</exception>
    public static void RequireDirectory(string path, string kind, bool replace, string cure = "")
    {
        if (string.IsNullOrWhiteSpace(path))
        {
            throw new SettingError(Setting, "expected a directory to write, found an empty name.");
        }
        string real = Real(path);
        if (File.Exists(real))
        {
            throw new SettingError(Setting, $"expected a directory to write, found a file at {path}. Choose another name.");
        }
        if (!Directory.Exists(real))
        {
            return;
        }
        if ((Directory.GetCurrentDirectory() + Path.DirectorySeparatorChar).StartsWith(real.TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            throw new SettingError(Setting, $"expected a directory that can be replaced as a whole, found the one this program was started in ({path}). Name one below it.");
        }
        if (IsMountPoint(real))
        {
            throw new SettingError(Setting, $"expected a directory that can be replaced as a whole, found the mount point {path}. Name a directory below it, such as {Path.Combine(path, "new")}.");
        }
        if (!Directory.EnumerateFileSystemEntries(real).Any())
        {
            return;
        }
        if (Manifest.FindKind(real) is not string found || found != kind)
        {
            throw new SettingError(Setting, $"expected a new directory{(replace ? $" or {kind} to replace" : "")}, found {path}, which holds something else. Choose another name or move that away.");
        }
        if (!replace)
        {
            throw new SettingError(Setting, $"expected a new directory, found {kind} in {path}. Choose another name{cure}.");
        }
    }

    /// <summary>Passes where neither the output nor what is read lies inside the other: replacing or removing one would take the other with it.</summary>
    /// <param name="source">The directory that is read.</param>
    /// <exception cref="SettingError">One lies inside the other.</exception>
    public static void RequireApart(string path, string source)
    {
        string output = Real(path) + Path.DirectorySeparatorChar;
        string input = Real(source) + Path.DirectorySeparatorChar;
        if (output.StartsWith(input, StringComparison.Ordinal) || input.StartsWith(output, StringComparison.Ordinal))
        {
            throw new SettingError(Setting, $"expected a directory apart from {source}, which is read, found {path}, {(output.Length > input.Length ? "which lies in it" : "in which it lies")}. Choose another name.");
        }
    }

    /// <summary>Makes sure that <paramref name="path"/> is a directory in which files can be made.</summary>
    /// <param name="setting">What the person calls it.</param>
    /// <exception cref="SettingError">It is something else, or cannot be written to.</exception>
    public static void RequireWritableFolder(string setting, string path)
    {
        if (string.IsNullOrWhiteSpace(path))
        {
            throw new SettingError(setting, "expected a directory to write in, found an empty name.");
        }
        try
        {
            Directory.CreateDirectory(path);
            new FileStream(Leftovers.NewPath(path, "probe"), FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose).Dispose();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new SettingError(setting, $"expected a directory to write in, found {path}: {error.Message}", error);
        }
    }

    /// <summary>Passes where <paramref name="path"/> is a directory in which files can be made, or can become one; nothing is left there.</summary>
    /// <param name="setting">What the person calls it.</param>
    /// <exception cref="SettingError">A file is in the way, or nothing can be written there.</exception>
    public static void RequireCreatable(string setting, string path)
    {
        if (string.IsNullOrWhiteSpace(path))
        {
            throw new SettingError(setting, "expected a directory to write in, found an empty name.");
        }
        string standing = Path.GetFullPath(path);
        while (!Path.Exists(standing) && Path.GetDirectoryName(standing) is string parent)
        {
            standing = parent;
        }
        if (!Directory.Exists(standing))
        {
            throw new SettingError(setting, $"expected a directory to write in, found a file at {standing}. Choose another name.");
        }
        RequireWritableFolder(setting, standing);
    }

    /// <summary>Passes where a file at <paramref name="real"/> can be replaced, or nothing stands there.</summary>
    /// <exception cref="UserError">A directory stands there, or a file that is mounted or protected.</exception>
    internal static void RequireReplaceable(string path, string real)
    {
        if (Directory.Exists(real) || Path.EndsInDirectorySeparator(path))
        {
            throw new UserError($"{path}: expected a file to write, found a directory. Name a file in it.");
        }
        if (!File.Exists(real))
        {
            return;
        }
        if (IsMountPoint(real))
        {
            throw new UserError($"{path}: expected a file that can be replaced, found a mount point. Name a file elsewhere.");
        }
        // A file that is protected against writing is not to be replaced either.
        File.OpenHandle(real, FileMode.Open, FileAccess.Write, FileShare.ReadWrite).Dispose();
    }

    private static bool IsMountPoint(string directory)
    {
        try
        {
            return DriveInfo.GetDrives().Any(drive => Path.TrimEndingDirectorySeparator(drive.Name) == directory);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
