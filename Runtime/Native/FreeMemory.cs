using System.Globalization;

namespace Factory.Runtime.Native;

/// <summary>How much more memory this process may take.</summary>
internal static class FreeMemory
{
    /// <summary>Bytes that it may still map; as many as there are where nothing (RLIMIT_AS) limits them, or where the system does not say.</summary>
    public static long AddressSpace()
    {
        const string limits = "/proc/self/limits", label = "Max address space", mapped = "/proc/self/statm";
        if (!File.Exists(limits) || !File.Exists(mapped))
        {
            return long.MaxValue;
        }
        string? soft = File.ReadLines(limits).FirstOrDefault(line => line.StartsWith(label, StringComparison.Ordinal))?[label.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
        return long.TryParse(soft, CultureInfo.InvariantCulture, out long limit)
            ? Math.Max(0, limit - (long.Parse(File.ReadAllText(mapped).Split(' ')[0], CultureInfo.InvariantCulture) * Environment.SystemPageSize))
            : long.MaxValue;
    }

    /// <summary>Bytes, without pushing itself or others out.</summary>
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
