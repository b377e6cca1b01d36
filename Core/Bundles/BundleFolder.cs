namespace Factory.Core.Bundles;

/// <summary>
/// Names inside a bundle, the directory that serves a model:
/// <code>
/// models/NAME/model.onnx           the graph
/// models/NAME/model.onnx.data      its weights
/// models/NAME/prefill.onnx         the model for given tokens, where those have weights of their own
/// models/NAME/scoring.onnx         the model for texts that share their beginnings, over the same weights
/// models/NAME/analysis.onnx        the model for measurements, over the same weights
/// models/NAME/config.json          the architecture
/// models/NAME/tokenizer.model      the checkpoint's tokenizer, under the checkpoint's name; absent where that had none
/// models/NAME/probe.safetensors    logits of the trained model, replayed by whoever loads the bundle
/// models/NAME/manifest.json        lengths, hashes, facts
/// </code>
/// The weights are folded: every constant factor of the norm scheme is already inside the norm gains. config.json keeps <c>norm_scheme</c> as the
/// model's origin; whoever runs the graph must not scale again.
/// </summary>
public static class BundleFolder
{
    /// <summary>The manifest's kind.</summary>
    public const string Kind = "bundle";

    /// <summary>The manifest's kind where the model is an encoder (BERT), whose graphs take and give <see cref="EncoderNames"/>.</summary>
    public const string EncoderKind = "encoder bundle";

    public const string GraphFile = "model.onnx";

    /// <summary>The same model for measurements, over the same weights, see <see cref="AnalysisNames"/>. Bundles of before it have none.</summary>
    public const string AnalysisFile = "analysis.onnx";

    /// <summary>
    /// The graph for tokens that are given, prompts and texts that are scored; <see cref="GraphFile"/> then computes only those that are generated. Of the same
    /// inputs and outputs, over the same weight file, where it has a copy of the weights that is faster for many tokens at once. Most bundles have none.
    /// </summary>
    public const string PrefillFile = "prefill.onnx";

    /// <summary>
    /// The same model for log-likelihoods of texts that share their beginnings, over the same weights, see <see cref="ScoringNames"/>. Bundles in bf16, those
    /// whose cache is int8, and those of before it have none; the same numbers then come from <see cref="GraphFile"/>, slower.
    /// </summary>
    public const string ScoringFile = "scoring.onnx";

    /// <summary>The only external data file that the graphs refer to.</summary>
    public const string WeightsFile = "model.onnx.data";

    /// <summary>Manifest fact: the content hash of the checkpoint that was exported.</summary>
    public const string CheckpointFact = "checkpoint";

    /// <summary>Manifest fact: what the weights are written in: fp32, fp16, bf16, int8, int4 or int4-rtn.</summary>
    public const string PrecisionFact = "precision";

    /// <summary>Manifest fact: how far a logit may lie from the probe's, relative to the largest logit where that exceeds 1. Absent in old bundles, which are fp32: 1e-4.</summary>
    public const string LogitToleranceFact = "logit_tolerance";

    /// <summary>Manifest fact: how much more perplexity than fp32 the precision allows on a text, as a fraction; checked when the bundle was written.</summary>
    public const string PerplexityBoundFact = "perplexity_bound";

    /// <summary>Manifest fact: "true" where a row's logits do not depend, to the last bit, on the rows computed beside it; absent in old bundles.</summary>
    public const string BatchInvariantFact = "batch_invariant";

    /// <summary>Manifest fact: modules that stayed float32, separated by commas; absent where there are none.</summary>
    public const string KeptFact = "kept_fp32";

    /// <summary>Manifest fact: "int8" where keys and values are cached in 8 bits; absent where they are cached in the type that attention computes in.</summary>
    public const string KvCacheFact = "kv_cache";

    /// <summary>Manifest fact: "int8" where <see cref="PrefillFile"/> has weights of its own in 8 bits; absent where there is none.</summary>
    public const string PrefillCopyFact = "prefill_copy";

    /// <summary>Manifest fact: the scheme the model was trained with.</summary>
    public const string NormSchemeFact = "norm_scheme";

    /// <summary>Manifest fact: trainable numbers in the model.</summary>
    public const string ParametersFact = "parameters";

    /// <summary>Manifest fact: version of the Factory that wrote the bundle.</summary>
    public const string VersionFact = "factory";
}
