using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Factory.Trainer.Buffers;

/// <summary>Neighbours of a <see cref="ParameterBuffer"/> seen as one matrix (or vector), outside autograd. Views are made once.</summary>
internal sealed class PackedWeight(ParameterBuffer buffer, long start, long[] shape) : IDisposable
{
    private Tensor? _values;
    private Tensor? _gradient;
    private Tensor? _narrowed;

    /// <summary>A parameter by itself; null where it is in no buffer.</summary>
    public static PackedWeight? Find(Parameter parameter) => ParameterBuffer.SliceOf(parameter) is ParameterSlice slice ? slice.Buffer.Packed(slice) : null;

    /// <summary>Where the gradient is added up; null while none is kept.</summary>
    public Tensor? Gradient => buffer.Gradients is null ? null : _gradient ??= View(buffer.Gradients);

    /// <summary>The values in <paramref name="type"/>: a view, or a copy where this update has none of that type.</summary>
    public Tensor In(ScalarType type)
    {
        _values ??= View(buffer.Values);
        return _values.dtype == type ? _values
            : buffer.Narrowed is { } narrowed && narrowed.dtype == type ? _narrowed ??= View(narrowed)
            : _values.to(type);
    }

    public void Dispose()
    {
        _values?.Dispose();
        _gradient?.Dispose();
        _narrowed?.Dispose();
    }

    private Tensor View(Tensor flat) => flat.narrow(0, start, shape.Aggregate(1L, (count, side) => count * side)).view(shape).detach().DetachFromDisposeScope();
}
