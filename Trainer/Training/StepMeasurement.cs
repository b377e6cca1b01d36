using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Training;

/// <summary>
/// An update's loss and gradient norm before anybody has read them: on a GPU they may not be computed yet, and whoever reads a number waits for all that
/// was asked of the GPU before. What clipping needs of them stays on the device too.
/// </summary>
public sealed class StepMeasurement : IDisposable
{
    private readonly Tensor _numbers; // float64: the loss, then the square of each parameter's gradient norm
    private readonly int _blocks;

    /// <param name="numbers">The loss, then the square of the gradient norm of each of <paramref name="active"/>; float64, (1 + active), the measurement's from now on.</param>
    /// <param name="blocks">Blocks of the model.</param>
    /// <param name="before">An update that was applied before this one was measured, and not read yet.</param>
    internal StepMeasurement(Tensor numbers, IReadOnlyList<TrainableParameter> active, int blocks, double learningRate, long validTokens, StepMeasurement? before)
    {
        (_numbers, Active, _blocks, LearningRate, ValidTokens) = (numbers, active, blocks, learningRate, validTokens);
        Tensor broken = numbers.sum().isfinite().logical_not().to(ScalarType.Float32);
        Broken = (before is null ? broken : maximum(broken, before.Broken)).DetachFromDisposeScope();
    }

    /// <summary>The parameters that have a gradient.</summary>
    public IReadOnlyList<TrainableParameter> Active { get; }

    /// <summary>The rate to apply the update with.</summary>
    public double LearningRate { get; }

    /// <summary>Labels that counted, over all ranks.</summary>
    public long ValidTokens { get; }

    /// <summary>1 where this update or one before it that was not read is not finite, so that it must not change any weight; else 0. float32, on the device.</summary>
    internal Tensor Broken { get; }

    /// <summary>The factor that brings the gradient's norm down to <paramref name="most"/>, at most 1; float64, on the device.</summary>
    internal Tensor Clip(double most)
    {
        // As torch's clip_grad_norm_: a little below the limit rather than above.
        using Scalar limit = most.ToScalar();
        using Scalar little = 1e-6.ToScalar();
        using Scalar one = 1.ToScalar();
        return _numbers.narrow(0, 1, Active.Count).sum().sqrt().add(little).reciprocal().mul(limit).clamp_max(one);
    }

    /// <summary>The numbers of some updates, in one transfer from the device, which waits until they are there.</summary>
    public static IReadOnlyList<StepReport> Read(IReadOnlyList<StepMeasurement> measurements)
    {
        using Tensor together = cat([.. measurements.Select(measured => measured._numbers)]);
        using Tensor here = together.cpu();
        ReadOnlyMemory<double> numbers = here.data<double>().ToArray();
        var reports = new StepReport[measurements.Count];
        for (int i = 0; i < reports.Length; i++)
        {
            int count = 1 + measurements[i].Active.Count;
            reports[i] = measurements[i].Report(numbers.Span[..count]);
            numbers = numbers[count..];
        }
        return reports;
    }

    /// <summary>The numbers of this update.</summary>
    public StepReport Read() => Read([this])[0];

    public void Dispose()
    {
        _numbers.Dispose();
        Broken.Dispose();
    }

    private StepReport Report(ReadOnlySpan<double> numbers)
    {
        // In the set's order, so that the sums are always rounded alike.
        var blocks = new double[_blocks];
        double total = 0;
        for (int i = 0; i < Active.Count; i++)
        {
            total += numbers[1 + i];
            if (Active[i].Block is int block)
            {
                blocks[block] += numbers[1 + i];
            }
        }
        return new StepReport(numbers[0], LearningRate, new GradientNorms(Math.Sqrt(total), Array.ConvertAll(blocks, Math.Sqrt)), ValidTokens);
    }
}
