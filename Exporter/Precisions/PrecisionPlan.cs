using Factory.Core;
using Factory.Core.Architecture;

namespace Factory.Exporter.Precisions;

/// <summary>Which precision each weight gets.</summary>
/// <param name="Main">The bundle's precision.</param>
/// <param name="Keep">Modules that stay float32: lm_head, embed_tokens, q_proj (and with it k_proj and v_proj, which are packed), o_proj, gate_proj, up_proj, down_proj, layers.N.</param>
public sealed record PrecisionPlan(Precision Main, IReadOnlyList<string> Keep)
{
    private static readonly Precision Kept = new Fp32();

    private static readonly string[] Modules = ["embed_tokens", "lm_head", "q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"];

    public PrecisionPlan(Precision main)
        : this(main, [])
    {
    }

    /// <summary>The plan for a model: where head and embedding are one tensor, keeping one keeps the other.</summary>
    /// <exception cref="SettingError">A module does not exist; the setting is "keep".</exception>
    public PrecisionPlan Validate(LlamaArchitecture architecture)
    {
        string[] known = [.. Modules, .. Enumerable.Range(0, architecture.BlockCount).Select(index => $"layers.{index}")];
        return Keep.FirstOrDefault(module => !known.Contains(module)) is string unknown
            ? throw new SettingError("keep", $"expected modules among {string.Join(", ", Modules)} and layers.0 to layers.{architecture.BlockCount - 1}, found '{unknown}'.")
            : architecture.TieEmbeddings && Keep.Contains("lm_head") && !Keep.Contains("embed_tokens") ? this with { Keep = [.. Keep, "embed_tokens"] }
            : this;
    }

    /// <summary>The precision of the weight with that initialiser name.</summary>
    internal Precision For(string weight) =>
        Keep.Any(module => Covers(module, weight)) ? Kept
        : weight is ParameterCatalog.Embedding or ParameterCatalog.Head ? Main.Head
        : Main;

    private static bool Covers(string module, string weight)
    {
        // Queries, keys and values are one weight in the graph.
        string stored = module is "q_proj" or "k_proj" or "v_proj" ? "qkv_proj" : module;
        return $".{weight}.".Contains($".{stored}.", StringComparison.Ordinal);
    }
}
