using System.Globalization;

namespace Factory.Runtime.Native;

/// <summary>How much more memory this process may take without pushing itself or others out.</summary>
internal static class FreeMemory
{
    /// <summary>Bytes.</summary>
    /// <param name="limit">What the process may have in all; 0 for the machine's or the container's limit.</param>
    public static long Bytes(long limit)
    {
        long mine = (limit > 0 ? limit : GC.GetGCMemoryInfo().TotalAvailableMemoryBytes) - Environment.WorkingSet;
        return Math.Max(0, Math.Min(mine, Available() ?? mine));
    }

    /// <summary>What the system could give without swapping; null where it does not say.</summary>
    private static long? Available()
    {
        const string label = "MemAvailable:";
        if (!File.Exists("/proc/meminfo"))
        {
            return null;
        }
        string? line = File.ReadLines("/proc/meminfo").FirstOrDefault(each => each.StartsWith(label, StringComparison.Ordinal));
        return line is not null && long.TryParse(line[label.Length..].Replace("kB", "", StringComparison.Ordinal), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out long kilobytes)
            ? kilobytes * 1024
            : null;
    }
}
