using System.Runtime.CompilerServices;
using Factory.Trainer.LibTorch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Factory.Trainer.Buffers;

/// <summary>
/// Parameters side by side in one tensor, matrices before vectors and otherwise in the given order; their gradients, once they are kept, in another.
/// A parameter keeps its name and shape and becomes a view. What is done to all of them is then one operation, and linear maps that stand next to one
/// another are one matrix without a copy.
/// </summary>
public sealed class ParameterBuffer : IDisposable
{
    private static readonly ConditionalWeakTable<Tensor, ParameterSlice> Slices = [];

    private readonly List<ParameterSlice> _slices = [];
    private readonly Dictionary<(long Start, int Parts), PackedWeight> _packed = [];
    private Tensor? _narrow;

    /// <param name="parameters">All of one type and on one device, at least one.</param>
    /// <param name="isFused">Whether Factory's own loops, for the CPU, may work on it.</param>
    public ParameterBuffer(IEnumerable<Parameter> parameters, bool isFused)
    {
        IsFused = isFused;
        using var noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Parameter[] ordered = [.. parameters.OrderBy(parameter => parameter.dim() < 2)];
        Values = HugePages.Under(empty(ordered.Sum(parameter => parameter.numel()), ordered[0].dtype, ordered[0].device)).DetachFromDisposeScope();
        long start = 0;
        foreach (Parameter parameter in ordered)
        {
            var slice = new ParameterSlice(this, parameter, start, parameter.numel());
            Tensor view = slice.View(Values);
            view.copy_(parameter);
            parameter.set_(view);
            Slices.AddOrUpdate(parameter, slice);
            _slices.Add(slice);
            start += slice.Count;
        }
    }

    /// <summary>Whether Factory's own loops may work on it.</summary>
    public bool IsFused { get; }

    /// <summary>All numbers of all parameters.</summary>
    public Tensor Values { get; }

    /// <summary>Their gradients, of the same type and order; null until <see cref="KeepGradients"/>.</summary>
    public Tensor? Gradients { get; private set; }

    /// <summary>The values in a narrower type, while a <see cref="Narrow"/> holds.</summary>
    internal Tensor? Narrowed { get; private set; }

    /// <summary>Where a parameter stands; null where it is in no buffer.</summary>
    internal static ParameterSlice? SliceOf(Parameter parameter) => Slices.TryGetValue(parameter, out ParameterSlice? slice) ? slice : null;

    /// <summary>From now on every parameter's gradient is a view of one buffer. What it holds is for the caller to clear.</summary>
    public void KeepGradients()
    {
        if (Gradients is not null)
        {
            return;
        }
        Gradients = NewTensor();
        foreach (ParameterSlice slice in _slices)
        {
            using Tensor view = slice.View(Gradients);
            slice.Parameter.grad = view;
        }
    }

    /// <summary>A tensor of the buffer's type, length and device that nothing is written to yet; the caller's.</summary>
    internal Tensor NewTensor() => HugePages.Under(empty_like(Values)).DetachFromDisposeScope();

    /// <summary>Makes a copy of all values in <paramref name="type"/>, from which products read until the result is disposed; the values must not change meanwhile.</summary>
    /// <returns>null where the values have that type.</returns>
    internal IDisposable? Narrow(ScalarType type)
    {
        if (Values.dtype == type)
        {
            return null;
        }
        _narrow ??= HugePages.Under(empty(Values.shape, type, Values.device)).DetachFromDisposeScope();
        _narrow.copy_(Values);
        Narrowed = _narrow;
        return new End(this);
    }

    /// <summary>Parameters of this buffer as one matrix; null where they do not stand next to one another in this order.</summary>
    /// <param name="first">The first of them.</param>
    /// <param name="rest">Those that follow.</param>
    internal PackedWeight? Packed(ParameterSlice first, params ReadOnlySpan<Parameter> rest)
    {
        if (!_packed.TryGetValue((first.Start, rest.Length), out PackedWeight? packed))
        {
            long end = first.Start + first.Count;
            long outputs = first.Parameter.shape[0];
            foreach (Parameter next in rest)
            {
                if (SliceOf(next) is not ParameterSlice slice || slice.Buffer != this || slice.Start != end || next.shape[^1] != first.Parameter.shape[^1])
                {
                    return null;
                }
                end += slice.Count;
                outputs += next.shape[0];
            }
            packed = new PackedWeight(this, first.Start, first.Parameter.dim() < 2 ? [outputs] : [outputs, first.Parameter.shape[^1]]);
            _packed.Add((first.Start, rest.Length), packed);
        }
        return packed;
    }

    public void Dispose()
    {
        foreach (PackedWeight packed in _packed.Values)
        {
            packed.Dispose();
        }
        _narrow?.Dispose();
        Gradients?.Dispose();
        Values.Dispose();
    }

    private sealed class End(ParameterBuffer buffer) : IDisposable
    {
        public void Dispose() => buffer.Narrowed = null;
    }
}
