using Factory.Core;
using Factory.Runtime;

namespace Factory.Exporter.Precisions;

/// <summary>Every precision, in the order of <c>--help</c>.</summary>
public static class PrecisionCatalog
{
    public static IReadOnlyList<Precision> All { get; } = [new Fp32(), new Fp16(), new BF16(), new Int8(), new Int4(), new Int4Rtn()];

    public static Precision Default => All[0];

    /// <summary>The word for fp16 where this machine has CUDA, else fp32.</summary>
    public const string Auto = "auto";

    /// <exception cref="SettingError">There is no such precision; the setting is "precision".</exception>
    public static Precision Named(string name) =>
        name == Auto ? (CudaSupport.IsUsable() ? new Fp16() : Default)
        : All.FirstOrDefault(precision => precision.Name == name)
        ?? throw new SettingError("precision", $"expected one of {string.Join(", ", All.Select(precision => precision.Name))}, {Auto}, found '{name}'.");
}
