using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Factory.Trainer.Model;

/// <summary>A linear map without bias. Its weight may be kept wider than it computes (float32 master weights, bfloat16 products).</summary>
public sealed class Projection : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;

    public Projection(long inputs, long outputs, ModelPlacement placement) : base(nameof(Projection))
    {
        _weight = placement.NewParameter(outputs, inputs);
        RegisterComponents();
    }

    /// <summary>Shape (outputs, inputs).</summary>
    public Parameter Weight => _weight;

    /// <param name="input">(…, inputs), in the type to compute in.</param>
    /// <returns>(…, outputs), in the same type.</returns>
    public override Tensor forward(Tensor input)
    {
        // A cast to the type that the weight already has returns the weight itself.
        return nn.functional.linear(input, _weight.to(input.dtype));
    }
}
