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

    /// <summary>Norm over all as one vector, and over those of each of <paramref name="blockCount"/> blocks.</summary>
    public GradientNorms Norms(int blockCount)
    {
        double[] squares = _buffer.IsFused ? SquareSums() : SquareNorms();
        // In the set's order, so that the sums are always rounded alike.
        var blocks = new double[blockCount];
        double total = 0;
        for (int i = 0; i < _active.Count; i++)
        {
            total += squares[i];
            if (_active[i].Block is int block)
            {
                blocks[block] += squares[i];
            }
        }
        return new GradientNorms(Math.Sqrt(total), Array.ConvertAll(blocks, Math.Sqrt));
    }

    private double[] SquareNorms()
    {
        using var noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        // One transfer from the device for all.
        Tensor norms = stack(_active.Select(parameter => Accumulated(ParameterBuffer.SliceOf(parameter.Value)!.View(_buffer.Gradients!)).norm()));
        return [.. norms.to(ScalarType.Float64).cpu().data<double>().Select(norm => norm * norm)];
    }

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
