using Factory.Core.Architecture;
using Factory.Trainer.Kernels;
using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Factory.Trainer.Model;

/// <summary>A block's feed-forward network as its <see cref="FeedForwardPlan"/> says.</summary>
public sealed class LlamaFeedForward : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "gate_proj")]
    private readonly Projection? _gate;
    [ComponentName(Name = "up_proj")]
    private readonly Projection _up;
    [ComponentName(Name = "down_proj")]
    private readonly Projection _down;
    private readonly FeedForwardKind _kind;
    private readonly PackedProjection? _packed;

    public LlamaFeedForward(FeedForwardPlan plan, int hidden, ModelPlacement placement) : base(nameof(LlamaFeedForward))
    {
        _kind = plan.Kind;
        _gate = plan.Kind == FeedForwardKind.SwiGLU ? new Projection(hidden, plan.InnerSize, placement, plan.Bias) : null;
        _up = new Projection(hidden, plan.InnerSize, placement, plan.Bias);
        _down = new Projection(plan.InnerSize, hidden, placement, plan.Bias);
        _packed = placement.IsFused && _gate is not null && !plan.Bias ? new PackedProjection(placement, _gate, _up) : null;
        RegisterComponents();
    }

    /// <param name="input">(batch, time, hidden)</param>
    /// <returns>(batch, time, hidden)</returns>
    public override Tensor forward(Tensor input) => _down.forward(_kind switch // (batch, time, inner)
    {
        FeedForwardKind.SwiGLU when _packed is not null => SwiGluFunction.Run(_packed.Forward(input)),
        FeedForwardKind.SwiGLU => nn.functional.silu(_gate!.forward(input)) * _up.forward(input),
        FeedForwardKind.Gelu => nn.functional.gelu(_up.forward(input)),
    });
}
