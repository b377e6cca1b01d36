using Factory.Core.Architecture;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Factory.Trainer.Model;

/// <summary>One decoder block as its <see cref="BlockPlan"/> says; it never learns the scheme's name.</summary>
public sealed class LlamaBlock : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "input_layernorm")]
    private readonly RMSNorm _attentionNorm;
    [ComponentName(Name = "self_attn")]
    private readonly LlamaAttention _attention;
    [ComponentName(Name = "post_attention_layernorm")]
    private readonly RMSNorm _feedForwardNorm;
    [ComponentName(Name = "mlp")]
    private readonly LlamaFeedForward _feedForward;

    public LlamaBlock(LlamaArchitecture architecture, BlockPlan plan, RotaryEmbedding rotary, ModelPlacement placement) : base(nameof(LlamaBlock))
    {
        _attentionNorm = new RMSNorm(architecture.HiddenSize, architecture.RmsNormEpsilon, plan.AttentionNorm.Scale, placement);
        _attention = new LlamaAttention(architecture, rotary, placement);
        _feedForwardNorm = new RMSNorm(architecture.HiddenSize, architecture.RmsNormEpsilon, plan.FeedForwardNorm.Scale, placement);
        _feedForward = new LlamaFeedForward(architecture, placement);
        RegisterComponents();
    }

    /// <param name="residual">The residual stream, (batch, time, hidden).</param>
    /// <returns>The residual stream after this block, same shape and type.</returns>
    public override Tensor forward(Tensor residual)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor attended = residual + _attention.forward(_attentionNorm.forward(residual));
        return (attended + _feedForward.forward(_feedForwardNorm.forward(attended))).MoveToOuterDisposeScope();
    }
}
