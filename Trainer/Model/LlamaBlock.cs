using Factory.Core.Architecture;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Model;

/// <summary>One block as its <see cref="BlockPlan"/> says: attention, then the feed-forward network, each hung on the residual stream.</summary>
public sealed class LlamaBlock : nn.Module<Tensor, Tensor>
{
    private readonly Residual _attention;
    private readonly Residual _feedForward;

    /// <param name="hidden">Width of the residual stream.</param>
    /// <param name="rotary">Null where the plan has no rotary positions.</param>
    public LlamaBlock(BlockPlan plan, int hidden, RotaryEmbedding? rotary, ModelPlacement placement) : base(nameof(LlamaBlock))
    {
        var parts = new BlockParts(this, plan.Prefix, placement);
        var attention = new LlamaAttention(plan.SelfAttention, hidden, rotary, placement);
        _attention = new Residual(plan.Attention, attention, plan.SelfAttention.Name, parts, placement);
        var feedForward = new LlamaFeedForward(plan.Mlp, hidden, placement);
        _feedForward = new Residual(plan.FeedForward, feedForward, plan.Mlp.Name, parts, placement);
    }

    /// <summary>Attention, then the feed-forward network.</summary>
    internal IEnumerable<Residual> Branches => [_attention, _feedForward];

    /// <param name="residual">The residual stream, (batch, time, hidden).</param>
    /// <returns>The residual stream after this block, same shape and type.</returns>
    public override Tensor forward(Tensor residual)
    {
        using DisposeScope scope = NewDisposeScope();
        return _feedForward.Forward(_attention.Forward(residual)).MoveToOuterDisposeScope();
    }
}
