using Factory.Core;
using Factory.Core.Architecture;
using Factory.Exporter.Quantization;

namespace Factory.Exporter.Precisions;

/// <summary>Which precision each weight gets.</summary>
/// <param name="Main">The bundle's precision.</param>
/// <param name="Keep">Modules that stay float32: lm_head, embed_tokens, q_proj (and with it k_proj and v_proj, which are packed), o_proj, gate_proj, up_proj, down_proj, layers.N.</param>
public sealed record PrecisionPlan(Precision Main, IReadOnlyList<string> Keep)
{
    private static readonly Precision Kept = new Fp32();

    // What an int8 cache may cost by itself; seen: some 1e-2 and 0.1 %.
    private const double CacheTolerance = 0.1;
    private const double CachePerplexity = 0.01;

    private static readonly string[] Modules = ["embed_tokens", "lm_head", "q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"];

    public PrecisionPlan(Precision main)
        : this(main, [])
    {
    }

    /// <summary>Whether keys and values are cached in 8 bits, with a scale for each channel of each head: a quarter of float32's memory. Default: false.</summary>
    public bool Int8KvCache { get; init; }

    /// <summary>Whether tokens that are given run through a copy of int4 weights in 8 bits (<see cref="Core.Bundles.BundleFolder.PrefillFile"/>). Default: false.</summary>
    public bool PrefillCopy { get; init; }

    /// <summary>How far a logit may lie from the probe's, relative to the largest logit where that exceeds 1.</summary>
    public double LogitTolerance => Int8KvCache ? Math.Max(Main.LogitTolerance, CacheTolerance) : Main.LogitTolerance;

    /// <summary>How much the perplexity on a text may rise, as a fraction.</summary>
    public double PerplexityBound => Main.PerplexityBound + (Int8KvCache ? CachePerplexity : 0);

    /// <summary>Whether anything is rounded, so that what it costs is to be measured.</summary>
    public bool IsRounded => Int8KvCache || Main.Name != PrecisionCatalog.Default.Name;

    /// <summary>Scales of an int8 cache, once they were measured.</summary>
    internal KvScales? KvScales { get; init; }

    /// <summary>The plan for a model: where head and embedding are one tensor, keeping one keeps the other.</summary>
    /// <exception cref="SettingError">A module does not exist ("keep"), or a precision other than int4 was to have a copy ("prefill_copy").</exception>
    public PrecisionPlan Validate(LlamaArchitecture architecture)
    {
        string[] known = [.. Modules, .. Enumerable.Range(0, architecture.BlockCount).Select(index => $"layers.{index}")];
        if (Keep.FirstOrDefault(module => !known.Contains(module)) is string unknown)
        {
            throw new SettingError("keep", $"expected modules among {string.Join(", ", Modules)} and layers.0 to layers.{architecture.BlockCount - 1}, found '{unknown}'.");
        }
        return this with
        {
            Main = PrefillCopy ? Copied(Main) : Main,
            Keep = architecture.TieEmbeddings && Keep.Contains("lm_head") && !Keep.Contains("embed_tokens") ? [.. Keep, "embed_tokens"] : Keep,
        };
    }

    /// <summary>The precision of the weight with that initialiser name.</summary>
    internal Precision For(string weight) =>
        Keep.Any(module => Covers(module, weight)) ? Kept
        : weight is ParameterCatalog.Embedding or ParameterCatalog.Head ? Main.Head
        : Main;

    private static BlockInt4Precision Copied(Precision main) => main is BlockInt4Precision int4
        ? int4.WithPrefillCopy()
        : throw new SettingError("prefill_copy", $"expected the precision int4 or int4-rtn, found '{main}', whose weights are fast for many tokens as they are.");

    private static bool Covers(string module, string weight)
    {
        // Queries, keys and values are one weight in the graph.
        string stored = module is "q_proj" or "k_proj" or "v_proj" ? "qkv_proj" : module;
        return $".{weight}.".Contains($".{stored}.", StringComparison.Ordinal);
    }
}
