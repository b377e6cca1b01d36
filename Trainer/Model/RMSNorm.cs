using Factory.Core.Architecture;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Factory.Trainer.Model;

/// <summary>
/// Root mean square norm (arXiv 1910.07467): gain * x / sqrt(mean(x²) + epsilon), times the constant scale of its <see cref="NormPlan"/>.
/// The scale is a plain number: it is not trained, not stored, and not rounded to a narrow type.
/// </summary>
public sealed class RMSNorm : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "weight")]
    private readonly Parameter _gain; // (hidden)
    private readonly double _epsilon;
    private readonly double _scale;
    private readonly ModelPlacement _placement;

    public RMSNorm(long hidden, double epsilon, double scale, ModelPlacement placement) : base(nameof(RMSNorm))
    {
        _epsilon = epsilon;
        _scale = scale;
        _placement = placement;
        _gain = placement.NewParameter(hidden);
        RegisterComponents();
    }

    /// <param name="input">(…, hidden)</param>
    /// <returns>(…, hidden), in the type to compute in.</returns>
    public override Tensor forward(Tensor input)
    {
        Tensor wide = input.to(_placement.Wide);
        Tensor inverse = wide.square().mean([-1], keepdim: true).add(_epsilon).rsqrt(); // (…, 1)
        // gain * scale first: hidden products instead of one per activation.
        Tensor gain = _gain.to(_placement.Wide) * _scale;
        return (wide * inverse * gain).to(_placement.Compute);
    }
}
