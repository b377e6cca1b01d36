using System.Runtime.Intrinsics.X86;

namespace Factory.Core.Machine;

/// <summary>The processor's name and those of its instruction sets that matter for matrix products.</summary>
/// <param name="Names">Spelt as Linux does: "avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16".</param>
public sealed record CpuFeatures(string Model, IReadOnlySet<string> Names)
{
    private const string CpuInfo = "/proc/cpuinfo";

    private static readonly string[] Interesting = ["avx2", "fma", "avx512f", "avx512_vnni", "avx512_bf16", "amx_int8", "amx_bf16", "asimd", "bf16", "sve"];

    /// <summary>Whether bfloat16 products run in hardware, and not by conversion to float32.</summary>
    public bool HasBFloat16 => Names.Contains("avx512_bf16") || Names.Contains("amx_bf16") || Names.Contains("bf16");

    public static CpuFeatures OfThisMachine() => File.Exists(CpuInfo) ? FromCpuInfo(File.ReadLines(CpuInfo)) : FromRuntime();

    /// <summary>Reads the first processor's block of Linux's /proc/cpuinfo.</summary>
    public static CpuFeatures FromCpuInfo(IEnumerable<string> lines)
    {
        string model = "unknown";
        HashSet<string> names = [];
        foreach (string line in lines.TakeWhile(line => line.Length > 0))
        {
            string[] parts = line.Split(':', 2, StringSplitOptions.TrimEntries);
            switch (parts)
            {
                case ["model name", string name]:
                    model = name;
                    break;
                case ["flags" or "Features", string flags]:
                    names = [.. flags.Split(' ').Intersect(Interesting)];
                    break;
            }
        }
        return new CpuFeatures(model, names);
    }

    private static CpuFeatures FromRuntime()
    {
        (string Name, bool Supported)[] known = [("avx2", Avx2.IsSupported), ("fma", Fma.IsSupported), ("avx512f", Avx512F.IsSupported)];
        return new CpuFeatures(
            Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? "unknown",
            known.Where(feature => feature.Supported).Select(feature => feature.Name).ToHashSet());
    }
}
