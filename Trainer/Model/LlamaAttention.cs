using Factory.Core.Architecture;
using Factory.Trainer.Kernels;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Factory.Trainer.Model;

/// <summary>Self-attention as its <see cref="AttentionPlan"/> says; keys and values have <c>keyValueHeads</c>, each shared by a group of query heads.</summary>
public sealed class LlamaAttention : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "q_proj")]
    private readonly Projection _query;
    [ComponentName(Name = "k_proj")]
    private readonly Projection _key;
    [ComponentName(Name = "v_proj")]
    private readonly Projection _value;
    [ComponentName(Name = "q_norm")]
    private readonly Norm? _queryNorm;
    [ComponentName(Name = "k_norm")]
    private readonly Norm? _keyNorm;
    [ComponentName(Name = "o_proj")]
    private readonly Projection _output;
    private readonly AttentionPlan _plan;
    private readonly RotaryEmbedding? _rotary;
    private readonly PackedProjection? _packed;

    /// <param name="rotary">Null where the plan has no rotary positions.</param>
    public LlamaAttention(AttentionPlan plan, int hidden, RotaryEmbedding? rotary, ModelPlacement placement) : base(nameof(LlamaAttention))
    {
        _plan = plan;
        _rotary = rotary;
        _query = new Projection(hidden, plan.QueryWidth, placement, plan.QueryKeyValueBias);
        _key = new Projection(hidden, plan.KeyWidth, placement, plan.QueryKeyValueBias);
        _value = new Projection(hidden, plan.KeyWidth, placement, plan.QueryKeyValueBias);
        _queryNorm = plan.QueryNorm is NormPlan query ? new Norm(query, placement, placement.Compute) : null;
        _keyNorm = plan.KeyNorm is NormPlan key ? new Norm(key, placement, placement.Compute) : null;
        _output = new Projection(plan.QueryWidth, hidden, placement, plan.OutputBias);
        _packed = placement.IsFused && plan is { QueryKeyValueBias: false, QueryNorm: null, KeyNorm: null, Window: null, Causal: true, Rotary: true }
            ? new PackedProjection(placement, _query, _key, _value)
            : null;
        RegisterComponents();
    }

    /// <param name="input">(batch, time, hidden)</param>
    /// <returns>(batch, time, hidden)</returns>
    public override Tensor forward(Tensor input)
    {
        if (_packed is not null)
        {
            Tensor packed = _packed.Forward(input); // (batch, time, (heads + 2 keyValueHeads) * headSize)
            return _output.forward(AttentionFunction.Run(packed, _rotary!.Cosine, _rotary.Sine, _plan.Heads, _plan.KeyValueHeads));
        }
        (long batch, long time) = (input.shape[0], input.shape[1]);
        Tensor query = Rotated(Heads(_query, _plan.Heads), _queryNorm);                  // (batch, heads, time, headSize)
        Tensor key = RepeatKeyValue(Rotated(Heads(_key, _plan.KeyValueHeads), _keyNorm)); // (batch, heads, time, headSize)
        Tensor value = RepeatKeyValue(Heads(_value, _plan.KeyValueHeads));                // (batch, heads, time, headSize)
        Tensor? mask = Mask(time, input.device);
        Tensor mixed = nn.functional.scaled_dot_product_attention(query, key, value, mask!, is_casual: _plan.Causal && mask is null);
        return _output.forward(mixed.transpose(1, 2).reshape(batch, time, _plan.QueryWidth));

        Tensor Heads(Projection projection, int heads) => projection.forward(input).view(batch, time, heads, _plan.HeadSize).transpose(1, 2);
    }

    private Tensor Rotated(Tensor heads, Norm? norm)
    {
        Tensor normed = norm?.forward(heads) ?? heads;
        return _plan.Rotary ? _rotary!.Apply(normed) : normed;
    }

    /// <summary>Which keys each query sees, (time, time); null where the causal rule or none says it all.</summary>
    private Tensor? Mask(long time, Device device)
    {
        if (_plan.Window is not int window || window >= time)
        {
            return null;
        }
        Tensor positions = arange(time, device: device);
        Tensor distance = positions.unsqueeze(1) - positions.unsqueeze(0); // query minus key
        Tensor near = distance.lt(window);
        return _plan.Causal ? near.logical_and(distance.ge(0)) : near.logical_and(distance.gt(-window));
    }

    /// <summary>(batch, keyValueHeads, time, headSize) → (batch, heads, time, headSize): query head h reads key/value head h / group.</summary>
    private Tensor RepeatKeyValue(Tensor shared)
    {
        int group = _plan.Heads / _plan.KeyValueHeads;
        return group == 1 ? shared : shared.repeat_interleave(group, dim: 1);
    }
}
