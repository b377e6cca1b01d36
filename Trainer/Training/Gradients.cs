using Factory.Trainer.Buffers;
using Factory.Trainer.Distributed;
using Factory.Trainer.Kernels;
using Factory.Trainer.LibTorch;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Training;

/// <summary>What is done to the gradients of some parameters of a buffer, between one update and the next.</summary>
internal sealed class Gradients
{
    private readonly IReadOnlyList<TrainableParameter> _active;
    private readonly ParameterBuffer _buffer;
    private readonly List<Tensor> _ranges;

    /// <param name="active">Those that have a gradient; views live in the surrounding dispose scope.</param>
    public Gradients(IReadOnlyList<TrainableParameter> active, ParameterBuffer buffer)
    {
        (_active, _buffer) = (active, buffer);
        _ranges = [.. ParameterRange.Merge(active, _ => 0).Select(merged => merged.Range.View(buffer.Gradients!))];
    }

    /// <summary>Sets all to zero.</summary>
    public void Clear() => _ranges.ForEach(range => range.zero_());

    /// <summary>Sums every rank's share.</summary>
    public void AllReduce(IProcessGroup group) => _ranges.ForEach(group.AllReduce);

    /// <summary>The square of the norm of each parameter's gradient, in the set's order; float64, (active), on the device.</summary>
    public Tensor SquareNorms() => _buffer.IsFused
        ? tensor(SquareSums())
        : stack(_active.Select(parameter => Accumulated(ParameterBuffer.SliceOf(parameter.Value)!.View(_buffer.Gradients!)).norm())).to(ScalarType.Float64).square();

    private unsafe double[] SquareSums()
    {
        var spans = new SquareSumKernel.Span[_active.Count];
        for (int i = 0; i < spans.Length; i++)
        {
            ParameterSlice slice = ParameterBuffer.SliceOf(_active[i].Value)!;
            spans[i] = new SquareSumKernel.Span(slice.Start, slice.Count);
        }
        return SquareSumKernel.Run((float*)LibTorchC.Data(_buffer.Gradients!), spans);
    }

    private static Tensor Accumulated(Tensor gradient) => gradient.dtype == ScalarType.Float64 ? gradient : gradient.to(ScalarType.Float32);
}
