using Factory.Trainer.Kernels;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Factory.Trainer.Model;

/// <summary>A linear map. Its weight may be kept wider than it computes (float32 master weights, bfloat16 products).</summary>
public sealed class Projection : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;
    [ComponentName(Name = "bias")]
    private readonly Parameter? _bias;
    private readonly ModelPlacement _placement;
    private readonly PackedProjection _packed;

    public Projection(long inputs, long outputs, ModelPlacement placement, bool bias = false) : base(nameof(Projection))
    {
        _placement = placement;
        _weight = placement.NewParameter(outputs, inputs);
        _bias = bias ? placement.NewParameter(outputs) : null;
        _packed = new PackedProjection(placement, this);
        RegisterComponents();
    }

    /// <summary>What is added to the weight without changing it; null for nothing. Not part of the state dict.</summary>
    internal LowRankUpdate? Update { get; set; }

    /// <summary>The weight that the product is made with.</summary>
    internal Tensor Effective => Update is null ? _weight : _weight + Update.Value;

    /// <summary>Shape (outputs, inputs).</summary>
    public Parameter Weight => _weight;

    /// <param name="input">(…, inputs), in the type to compute in.</param>
    /// <returns>(…, outputs), in the same type.</returns>
    public override Tensor forward(Tensor input)
    {
        if (_placement.IsFused && _bias is null)
        {
            return _packed.Forward(input);
        }
        // A cast to the type that the weight already has returns the weight itself.
        return nn.functional.linear(input, Effective.to(input.dtype), _bias?.to(input.dtype));
    }
}
