using Factory.Core.Architecture;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Factory.Trainer.Model;

/// <summary>Causal self-attention with rotary positions; keys and values have <c>keyValueHeads</c>, each shared by a group of query heads.</summary>
public sealed class LlamaAttention : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "q_proj")]
    private readonly Projection _query;
    [ComponentName(Name = "k_proj")]
    private readonly Projection _key;
    [ComponentName(Name = "v_proj")]
    private readonly Projection _value;
    [ComponentName(Name = "o_proj")]
    private readonly Projection _output;
    private readonly RotaryEmbedding _rotary;
    private readonly int _heads;
    private readonly int _keyValueHeads;
    private readonly int _headSize;

    public LlamaAttention(LlamaArchitecture architecture, RotaryEmbedding rotary, ModelPlacement placement) : base(nameof(LlamaAttention))
    {
        _rotary = rotary;
        _heads = architecture.Heads;
        _keyValueHeads = architecture.KeyValueHeads;
        _headSize = architecture.HeadSize;
        long queries = (long)_heads * _headSize;
        long keys = (long)_keyValueHeads * _headSize;
        _query = new Projection(architecture.HiddenSize, queries, placement);
        _key = new Projection(architecture.HiddenSize, keys, placement);
        _value = new Projection(architecture.HiddenSize, keys, placement);
        _output = new Projection(queries, architecture.HiddenSize, placement);
        RegisterComponents();
    }

    /// <param name="input">(batch, time, hidden)</param>
    /// <returns>(batch, time, hidden)</returns>
    public override Tensor forward(Tensor input)
    {
        (long batch, long time) = (input.shape[0], input.shape[1]);
        Tensor query = _rotary.Turn(Heads(_query, _heads));                     // (batch, heads, time, headSize)
        Tensor key = ForEachQueryHead(_rotary.Turn(Heads(_key, _keyValueHeads))); // (batch, heads, time, headSize)
        Tensor value = ForEachQueryHead(Heads(_value, _keyValueHeads));           // (batch, heads, time, headSize)
        Tensor mixed = nn.functional.scaled_dot_product_attention(query, key, value, is_casual: true);
        return _output.forward(mixed.transpose(1, 2).reshape(batch, time, (long)_heads * _headSize));

        Tensor Heads(Projection projection, int heads) => projection.forward(input).view(batch, time, heads, _headSize).transpose(1, 2);
    }

    /// <summary>(batch, keyValueHeads, time, headSize) → (batch, heads, time, headSize): query head h reads key/value head h / group.</summary>
    private Tensor ForEachQueryHead(Tensor shared)
    {
        int group = _heads / _keyValueHeads;
        return group == 1 ? shared : shared.repeat_interleave(group, dim: 1);
    }
}
