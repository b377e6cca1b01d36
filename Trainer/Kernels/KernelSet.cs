using Factory.Core;

using Factory.Trainer.LibTorch;

namespace Factory.Trainer.Kernels;

/// <summary>
/// What a model on the CPU computes with: libtorch's plain operators, or this folder's kernels around one of two matrix products. Chosen once at the
/// start of a run and stored with it, since another choice rounds differently.
/// </summary>
/// <param name="Fused">Whether norms, rotary positions with attention, SwiGLU and cross-entropy are one pass each.</param>
/// <param name="Gemm">Matrix products of linear maps.</param>
internal sealed record KernelSet(bool Fused, Gemm Gemm)
{
    /// <summary>One libtorch operator for each operation, as the equations are written; the only set for float64 and for CUDA.</summary>
    public static KernelSet Plain { get; } = new(false, Gemm.Default);

    /// <summary>Every set, by the name that runs store.</summary>
    public static IReadOnlyDictionary<string, KernelSet> All { get; } =
        new[] { Plain, new(true, Gemm.Default), new KernelSet(true, Gemm.OneDnn) }.ToDictionary(set => set.Name);

    public string Name => Fused ? $"fused-{Gemm.Name}" : "plain";

    /// <summary>Whether this machine and this libtorch can compute with it.</summary>
    public bool IsAvailable => !Fused || (LibTorchC.HasLoops && (Gemm != Gemm.OneDnn || LibTorchC.HasLinear));

    /// <exception cref="UserError">No set has that name, or this machine does not have it.</exception>
    public static KernelSet Named(string name)
    {
        if (!All.TryGetValue(name, out KernelSet? set))
        {
            throw new SettingError("kernels", $"expected one of {string.Join(", ", All.Keys)}, found '{name}'.");
        }
        return set.IsAvailable ? set : throw new SettingError("kernels", $"'{name}' is not to be had with this libtorch. Take 'plain', or libtorch 2.10.");
    }
}
