using Factory.Core.Architecture;
using Factory.Trainer.Distributed;
using Factory.Trainer.Model;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Training;

/// <summary>What is done to the gradients between backward pass and update.</summary>
internal static class Gradients
{
    /// <summary>Sums every rank's share.</summary>
    public static void AllReduce(LlamaModel model, IProcessGroup group)
    {
        using var noGradient = no_grad();
        foreach (ParameterSpec spec in model.Architecture.Parameters)
        {
            group.AllReduce(model.Weights[spec.Name].grad!);
        }
    }

    /// <summary>Norm over all gradients as one vector, and over those of each block.</summary>
    public static GradientNorms Norms(LlamaModel model)
    {
        using var noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        // In the catalog's order, so that the sums are always rounded alike. One transfer from the device for all.
        ParameterSpec[] specs = [.. model.Architecture.Parameters];
        Tensor norms = stack(specs.Select(spec => model.Weights[spec.Name].grad!.to(model.Placement.AccumulateType).norm()));
        double[] squares = [.. norms.to(ScalarType.Float64).cpu().data<double>().Select(norm => norm * norm)];
        var blocks = new double[model.Architecture.BlockCount];
        double total = 0;
        for (int i = 0; i < specs.Length; i++)
        {
            total += squares[i];
            if (specs[i].Block is int block)
            {
                blocks[block] += squares[i];
            }
        }
        return new GradientNorms(Math.Sqrt(total), [.. blocks.Select(Math.Sqrt)]);
    }

    /// <summary>Scales the gradients, whose norm is <paramref name="norm"/>, down to <paramref name="limit"/> where that is above 0 and below it.</summary>
    public static void Clip(LlamaModel model, double norm, double limit)
    {
        // As torch's clip_grad_norm_: a little below the limit rather than above.
        double factor = limit / (norm + 1e-6);
        if (limit <= 0 || factor >= 1)
        {
            return;
        }
        using var noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        foreach (ParameterSpec spec in model.Architecture.Parameters)
        {
            model.Weights[spec.Name].grad!.mul_(factor);
        }
    }
}
