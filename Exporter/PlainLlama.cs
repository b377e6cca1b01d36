using Factory.Core;
using Factory.Core.Architecture;
using Factory.Core.Architecture.Methods;

namespace Factory.Exporter;

/// <summary>
/// A checkpoint as the plain LLaMA that computes the same: constants and trained factors of its method folded into gains, o_proj and down_proj.
/// The names are those of a Hugging Face LlamaForCausalLM.
/// </summary>
internal sealed class PlainLlama
{
    private readonly CheckpointSource _source;
    private readonly Dictionary<string, Func<float[], float[]>> _folds = [];

    public PlainLlama(CheckpointSource source)
    {
        _source = source;
        Architecture = source.Architecture with { NormScheme = NormSchemes.Pre, PostNormBlocks = null, NormGroups = null, DepthExponent = null };
        foreach (BlockPlan block in source.Architecture.Blocks)
        {
            Fold(block.Attention, $"{block.SelfAttention.Name}.o_proj");
            Fold(block.FeedForward, $"{block.Mlp.Name}.down_proj");
        }
    }

    public LlamaArchitecture Architecture { get; }

    /// <exception cref="UserError">The method, or something else in the model, is none that a plain LLaMA computes; names it and what to use instead.</exception>
    public static void Require(CheckpointSource source, string target)
    {
        LlamaArchitecture model = source.Architecture;
        string? obstacle = !model.FoldsToPreNorm ? $"the method {model.NormScheme}, which does not fold into one"
            : model.Window is not null ? "a sliding window, which it has not"
            : model.QueryKeyNorm ? "norms of queries and keys, which it has not"
            : model.QueryKeyValueBias != model.AttentionOutputBias ? "biases on some projections of the attention only, where it has all or none"
            : null;
        if (obstacle is not null)
        {
            throw new UserError($"{source.Directory}: expected a model that a plain LLaMA computes, as the target {target} needs, found {obstacle}. Export it with --target factory (or standard, genai, transformersjs).");
        }
    }

    /// <summary>A parameter as float32, row-major, in the shape that the catalog of <see cref="Architecture"/> gives.</summary>
    public float[] Read(string parameter)
    {
        float[] values = _source.Read(parameter);
        return _folds.TryGetValue(parameter, out Func<float[], float[]>? fold) ? fold(values) : values;
    }

    private void Fold(ResidualBranch branch, string lastMap)
    {
        BranchFactor factor = FoldedBranch.From(branch).OnFunction;
        int hidden = Architecture.HiddenSize;
        _folds[branch.Input!.Gain] = values => Folding.Scale(values, branch.Input);
        _folds[$"{lastMap}.weight"] = values => factor.Apply(values, hidden, _source.Read);
        _folds[$"{lastMap}.bias"] = values => factor.Apply(values, hidden, _source.Read);
    }
}
