using Factory.Core.Architecture;
using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Factory.Trainer.Model;

/// <summary>SwiGLU (arXiv 2002.05202): down(silu(gate(x)) * up(x)).</summary>
public sealed class LlamaFeedForward : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "gate_proj")]
    private readonly Projection _gate;
    [ComponentName(Name = "up_proj")]
    private readonly Projection _up;
    [ComponentName(Name = "down_proj")]
    private readonly Projection _down;

    public LlamaFeedForward(LlamaArchitecture architecture, ModelPlacement placement) : base(nameof(LlamaFeedForward))
    {
        _gate = new Projection(architecture.HiddenSize, architecture.IntermediateSize, placement);
        _up = new Projection(architecture.HiddenSize, architecture.IntermediateSize, placement);
        _down = new Projection(architecture.IntermediateSize, architecture.HiddenSize, placement);
        RegisterComponents();
    }

    /// <param name="input">(batch, time, hidden)</param>
    /// <returns>(batch, time, hidden)</returns>
    public override Tensor forward(Tensor input) =>
        _down.forward(nn.functional.silu(_gate.forward(input)) * _up.forward(input)); // inside: (batch, time, intermediate)
}
