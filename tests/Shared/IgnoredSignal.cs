using System.Globalization;

namespace Factory.Tests;

/// <summary>A shell starts what runs in its background with Ctrl-C ignored, and children inherit that: there is nothing to test then, and waiting would never end.</summary>
internal static class IgnoredSignal
{
    /// <summary>Skips the test where <paramref name="process"/> was started with <paramref name="signal"/> ignored.</summary>
    public static void SkipIfIgnored(int process, int signal)
    {
        if (OperatingSystem.IsLinux())
        {
            string line = File.ReadLines($"/proc/{process}/status").First(text => text.StartsWith("SigIgn:", StringComparison.Ordinal));
            ulong ignored = ulong.Parse(line["SigIgn:".Length..].Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            Assert.SkipWhen((ignored >> (signal - 1) & 1) == 1, $"signal {signal} is ignored: the tests run in a shell's background");
        }
    }
}
