using Factory.Trainer.Distributed;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Training;

/// <summary>What is done to the gradients between backward pass and update.</summary>
internal static class Gradients
{
    /// <summary>Sums every rank's share.</summary>
    public static void AllReduce(IReadOnlyList<TrainableParameter> parameters, IProcessGroup group)
    {
        using var noGradient = no_grad();
        foreach (TrainableParameter parameter in parameters)
        {
            group.AllReduce(GradientOf(parameter));
        }
    }

    /// <summary>Forgets all gradients.</summary>
    public static void Clear(IReadOnlyList<TrainableParameter> parameters)
    {
        foreach (TrainableParameter parameter in parameters)
        {
            using Tensor? old = parameter.Value.grad;
            parameter.Value.grad = null;
        }
    }

    /// <summary>Norm over all gradients as one vector, and over those of each of <paramref name="blockCount"/> blocks.</summary>
    public static GradientNorms Norms(IReadOnlyList<TrainableParameter> parameters, int blockCount)
    {
        using var noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        // In the set's order, so that the sums are always rounded alike. One transfer from the device for all.
        Tensor norms = stack(parameters.Select(parameter => Accumulated(GradientOf(parameter)).norm()));
        double[] squares = [.. norms.to(ScalarType.Float64).cpu().data<double>().Select(norm => norm * norm)];
        var blocks = new double[blockCount];
        double total = 0;
        for (int i = 0; i < parameters.Count; i++)
        {
            total += squares[i];
            if (parameters[i].Block is int block)
            {
                blocks[block] += squares[i];
            }
        }
        return new GradientNorms(Math.Sqrt(total), [.. blocks.Select(Math.Sqrt)]);
    }

    /// <summary>Scales the gradients, whose norm is <paramref name="norm"/>, down to <paramref name="limit"/> where that is above 0 and below it.</summary>
    public static void Clip(IReadOnlyList<TrainableParameter> parameters, double norm, double limit)
    {
        // As torch's clip_grad_norm_: a little below the limit rather than above.
        double factor = limit / (norm + 1e-6);
        if (limit <= 0 || factor >= 1)
        {
            return;
        }
        using var noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        foreach (TrainableParameter parameter in parameters)
        {
            GradientOf(parameter).mul_(factor);
        }
    }

    private static Tensor GradientOf(TrainableParameter parameter) => parameter.Value.grad ?? throw new InvalidOperationException($"'{parameter.Name}' has no gradient.");

    private static Tensor Accumulated(Tensor gradient) => gradient.dtype == ScalarType.Float64 ? gradient : gradient.to(ScalarType.Float32);
}
