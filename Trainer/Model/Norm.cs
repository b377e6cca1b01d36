using Factory.Core.Architecture;
using Factory.Trainer.Buffers;
using Factory.Trainer.Kernels;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Factory.Trainer.Model;

/// <summary>
/// A norm as its <see cref="NormPlan"/> says. The plan's factors are plain numbers: not trained, not stored, not rounded to a narrow type.
/// Statistics are taken in the accumulate type.
/// </summary>
public sealed class Norm : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "weight")]
    private readonly Parameter _gain; // (channels)
    [ComponentName(Name = "bias")]
    private readonly Parameter? _bias; // (channels)
    private readonly NormPlan _plan;
    private readonly ModelPlacement _placement;
    private readonly ScalarType _output;

    /// <param name="output">Type of the result: the type to compute in, or that of the residual stream.</param>
    public Norm(NormPlan plan, ModelPlacement placement, ScalarType output) : base(nameof(Norm))
    {
        _plan = plan;
        _placement = placement;
        _output = output;
        _gain = placement.NewParameter(plan.Channels);
        _bias = plan.Bias is null ? null : placement.NewParameter(plan.Channels);
        RegisterComponents();
    }

    /// <param name="input">(…, channels); (batch, time, channels) for the norm over time.</param>
    /// <returns>The same shape.</returns>
    public override Tensor forward(Tensor input)
    {
        if (_placement.IsFused && _plan is { Kind: NormKind.RMSNorm, InputScale: 1 } && input.dtype == ScalarType.Float32)
        {
            return RmsNormFunction.Run(input, _gain, _plan.Scale, _plan.Epsilon, _output, PackedWeight.Find(_gain));
        }
        Tensor wide = input.to(_placement.AccumulateType);
        if (_plan.InputScale != 1)
        {
            using Scalar factor = _plan.InputScale.ToScalar();
            wide = wide.mul(factor);
        }
        // gain * scale first: channels products instead of one per activation.
        Tensor normed = Normalized(wide) * Scaled(_gain);
        return (_bias is null ? normed : normed + Scaled(_bias)).to(_output);

        Tensor Scaled(Parameter parameter)
        {
            using Scalar factor = _plan.Scale.ToScalar();
            return parameter.to(_placement.AccumulateType).mul(factor);
        }
    }

    private Tensor Normalized(Tensor wide) => _plan.Kind switch
    {
        NormKind.RMSNorm => DividedByRoot(wide, [-1]),
        NormKind.LayerNorm or NormKind.GroupNorm => Standardized(wide, [-1]),
        NormKind.GroupNormOverTime => Standardized(wide, [-3, -1]),
    };

    /// <summary>Mean 0 and variance 1 over each group of channels, (…, groups, channels / groups), and over <paramref name="dimensions"/> of that.</summary>
    private Tensor Standardized(Tensor wide, long[] dimensions)
    {
        Tensor groups = wide.view([.. wide.shape[..^1], _plan.Groups, _plan.Channels / _plan.Groups]);
        Tensor centred = groups - groups.mean(dimensions, keepdim: true);
        return DividedByRoot(centred, dimensions).view(wide.shape);
    }

    private Tensor DividedByRoot(Tensor values, long[] dimensions)
    {
        using Scalar epsilon = _plan.Epsilon.ToScalar();
        return values * values.square().mean(dimensions, keepdim: true).add(epsilon).rsqrt();
    }
}
