using System.Collections;

namespace Factory.Core.Architecture;

/// <summary>
/// The one table of a model's tensors, found by walking its plans. The state dict, model.safetensors and the ONNX initialisers are all written
/// from it and checked against it.
/// </summary>
public sealed class ParameterCatalog : IReadOnlyList<ParameterSpec>
{
    public const string Embedding = "model.embed_tokens.weight";
    public const string FinalNorm = "model.norm.weight";
    public const string Head = "lm_head.weight";

    private readonly LlamaArchitecture _model;
    private readonly List<ParameterSpec> _parameters = [];
    private readonly HashSet<string> _names = [];

    public ParameterCatalog(LlamaArchitecture architecture)
    {
        _model = architecture;
        AddLinear(Embedding, ParameterRole.Embedding, null, architecture.VocabularySize, architecture.HiddenSize);
        AddNorm(architecture.EmbeddingNorm, null);
        foreach (BlockPlan block in architecture.Blocks)
        {
            // A module's own parameters stand before those of its parts.
            AddScales(block.Attention, block.Index);
            AddScales(block.FeedForward, block.Index);
            AddBranch(block.Attention, block.Index, () => AddAttention(block.SelfAttention, block.Index));
            AddBranch(block.FeedForward, block.Index, () => AddFeedForward(block.Mlp, block.Index));
        }
        AddNorm(architecture.FinalNorm, null);
        if (!architecture.TieEmbeddings)
        {
            AddLinear(Head, ParameterRole.Head, null, architecture.VocabularySize, architecture.HiddenSize);
        }
    }

    public int Count => _parameters.Count;

    public ParameterSpec this[int index] => _parameters[index];

    /// <summary>Trainable numbers in the whole model.</summary>
    public long TotalCount => _parameters.Sum(parameter => parameter.Count);

    public IEnumerator<ParameterSpec> GetEnumerator() => _parameters.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private void AddBranch(ResidualBranch branch, int block, Action addFunction)
    {
        AddNorm(branch.Input, block);
        addFunction();
        AddNorm(branch.Output, block);
        AddNorm(branch.AfterAdd, block);
    }

    private void AddScales(ResidualBranch branch, int block)
    {
        AddScale(branch.Branch, block);
        AddScale(branch.Residual, block);
    }

    private void AddAttention(AttentionPlan plan, int block)
    {
        AddLinear($"{plan.Name}.q_proj", ParameterRole.Query, block, plan.QueryWidth, _model.HiddenSize, plan.QueryKeyValueBias);
        AddLinear($"{plan.Name}.k_proj", ParameterRole.Key, block, plan.KeyWidth, _model.HiddenSize, plan.QueryKeyValueBias);
        AddLinear($"{plan.Name}.v_proj", ParameterRole.Value, block, plan.KeyWidth, _model.HiddenSize, plan.QueryKeyValueBias);
        AddNorm(plan.QueryNorm, block);
        AddNorm(plan.KeyNorm, block);
        AddLinear($"{plan.Name}.o_proj", ParameterRole.AttentionOutput, block, _model.HiddenSize, plan.QueryWidth, plan.OutputBias);
    }

    private void AddFeedForward(FeedForwardPlan plan, int block)
    {
        if (plan.Kind == FeedForwardKind.SwiGLU)
        {
            AddLinear($"{plan.Name}.gate_proj", ParameterRole.Gate, block, plan.InnerSize, _model.HiddenSize, plan.Bias);
        }
        AddLinear($"{plan.Name}.up_proj", ParameterRole.Up, block, plan.InnerSize, _model.HiddenSize, plan.Bias);
        AddLinear($"{plan.Name}.down_proj", ParameterRole.Down, block, _model.HiddenSize, plan.InnerSize, plan.Bias);
    }

    private void AddLinear(string name, ParameterRole role, int? block, long outputs, long inputs, bool bias)
    {
        AddLinear($"{name}.weight", role, block, outputs, inputs);
        if (bias)
        {
            Add($"{name}.bias", ParameterRole.Bias, block, Initialization.Constant(0), outputs);
        }
    }

    private void AddLinear(string name, ParameterRole role, int? block, long outputs, long inputs) =>
        Add(name, role, block, _model.NormScheme.LinearInitialization(_model, role, block, outputs, inputs), outputs, inputs);

    private void AddNorm(NormPlan? plan, int? block)
    {
        if (plan is null)
        {
            return;
        }
        Add(plan.Gain, ParameterRole.Norm, block, Initialization.Constant(plan.InitialGain), plan.Channels);
        if (plan.Bias is string bias)
        {
            Add(bias, ParameterRole.Bias, block, Initialization.Constant(0), plan.Channels);
        }
    }

    private void AddScale(ScalePlan plan, int block)
    {
        if (plan.Parameter is string name && !_names.Contains(name))
        {
            Add(name, ParameterRole.Scale, block, Initialization.Constant(plan.Initial), plan.Channels);
        }
    }

    private void Add(string name, ParameterRole role, int? block, Initialization initial, params long[] shape)
    {
        if (!_names.Add(name))
        {
            throw new InvalidOperationException($"Two plans have a parameter '{name}'.");
        }
        _parameters.Add(new ParameterSpec(name, shape, role, block, initial));
    }
}
