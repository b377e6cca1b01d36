using Factory.Trainer.Kernels;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Factory.Trainer.Model;

/// <summary>Where a model lives and in which types.</summary>
/// <param name="Parameters">Type of the weights, their gradients and the residual stream.</param>
/// <param name="Compute">Type of matrix products and attention; bfloat16 beside float32 parameters is mixed precision.</param>
public sealed record ModelPlacement(Device Device, ScalarType Parameters, ScalarType Compute)
{
    /// <summary>One type throughout, on the CPU.</summary>
    public static ModelPlacement Cpu(ScalarType type = ScalarType.Float32) => new(CPU, type, type);

    /// <summary>Norms and losses are taken in float32 at least.</summary>
    public ScalarType AccumulateType => Parameters == ScalarType.Float64 ? ScalarType.Float64 : ScalarType.Float32;

    /// <summary>What the model computes with; the plain operators where nothing else is chosen.</summary>
    internal KernelSet Kernels { get; init; } = KernelSet.Plain;

    /// <summary>Whether blocks keep only their input for the backward pass and compute the rest again: less memory, a third more work, the same numbers.</summary>
    public bool Recompute { get; init; }

    /// <summary>Whether the fused kernels apply: float32 parameters on the CPU.</summary>
    internal bool IsFused => Kernels.Fused && Device.type == DeviceType.CPU && Parameters == ScalarType.Float32;

    internal Parameter NewParameter(params long[] shape) => new(empty(shape, Parameters, Device));
}
