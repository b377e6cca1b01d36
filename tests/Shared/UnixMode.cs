namespace Factory.Tests;

/// <summary>Rights of files, where there are such.</summary>
public static class UnixMode
{
    public static void Set(string path, int bits)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, (UnixFileMode)bits);
        }
    }
}
