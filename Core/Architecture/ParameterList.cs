using System.Collections;

namespace Factory.Core.Architecture;

/// <summary>A table of tensors while plans are walked; a name that stands twice is an error.</summary>
/// <param name="hidden">Width of the residual stream.</param>
/// <param name="initialize">How a linear map of a role in a block (null outside them) starts, by its outputs and inputs.</param>
internal sealed class ParameterList(int hidden, Func<ParameterRole, int?, long, long, Initialization> initialize) : IReadOnlyList<ParameterSpec>
{
    private readonly List<ParameterSpec> _parameters = [];
    private readonly HashSet<string> _names = [];

    public int Count => _parameters.Count;

    public ParameterSpec this[int index] => _parameters[index];

    public IEnumerator<ParameterSpec> GetEnumerator() => _parameters.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public void AddBlock(BlockPlan block)
    {
        // A module's own parameters stand before those of its parts.
        AddScales(block.Attention, block.Index);
        AddScales(block.FeedForward, block.Index);
        AddBranch(block.Attention, block.Index, () => AddAttention(block.SelfAttention, block.Index));
        AddBranch(block.FeedForward, block.Index, () => AddFeedForward(block.Mlp, block.Index));
    }

    /// <summary>A linear map: NAME.weight and, if it has one, NAME.bias.</summary>
    public void AddLinear(string name, ParameterRole role, int? block, long outputs, long inputs, bool bias)
    {
        AddLinear($"{name}.weight", role, block, outputs, inputs);
        if (bias)
        {
            AddBias($"{name}.bias", block, outputs);
        }
    }

    public void AddLinear(string name, ParameterRole role, int? block, long outputs, long inputs) => Add(name, role, block, initialize(role, block, outputs, inputs), outputs, inputs);

    public void AddBias(string name, int? block, long channels) => Add(name, ParameterRole.Bias, block, Initialization.Constant(0), channels);

    public void AddNorm(NormPlan? plan, int? block)
    {
        if (plan is null)
        {
            return;
        }
        Add(plan.Gain, ParameterRole.Norm, block, Initialization.Constant(plan.InitialGain), plan.Channels);
        if (plan.Bias is string bias)
        {
            AddBias(bias, block, plan.Channels);
        }
    }

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
        AddLinear($"{plan.Name}.q_proj", ParameterRole.Query, block, plan.QueryWidth, hidden, plan.QueryKeyValueBias);
        AddLinear($"{plan.Name}.k_proj", ParameterRole.Key, block, plan.KeyWidth, hidden, plan.QueryKeyValueBias);
        AddLinear($"{plan.Name}.v_proj", ParameterRole.Value, block, plan.KeyWidth, hidden, plan.QueryKeyValueBias);
        AddNorm(plan.QueryNorm, block);
        AddNorm(plan.KeyNorm, block);
        AddLinear($"{plan.Name}.o_proj", ParameterRole.AttentionOutput, block, hidden, plan.QueryWidth, plan.OutputBias);
    }

    private void AddFeedForward(FeedForwardPlan plan, int block)
    {
        if (plan.Kind == FeedForwardKind.SwiGLU)
        {
            AddLinear($"{plan.Name}.gate_proj", ParameterRole.Gate, block, plan.InnerSize, hidden, plan.Bias);
        }
        AddLinear($"{plan.Name}.up_proj", ParameterRole.Up, block, plan.InnerSize, hidden, plan.Bias);
        AddLinear($"{plan.Name}.down_proj", ParameterRole.Down, block, hidden, plan.InnerSize, plan.Bias);
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
