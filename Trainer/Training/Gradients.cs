using Factory.Trainer.Model;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Training;

/// <summary>What is done to the gradients between backward pass and update.</summary>
internal static class Gradients
{
    /// <summary>Norm over all gradients as one vector, before clipping. With <paramref name="limit"/> above 0 they are scaled down to that norm.</summary>
    public static double Clip(LlamaModel model, double limit)
    {
        using var noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        // In the catalog's order, so that the sum is always rounded alike.
        Tensor[] gradients = [.. model.Architecture.Parameters.Select(spec => model.Weights[spec.Name].grad!)];
        double norm = stack(gradients.Select(gradient => gradient.norm().to(model.Placement.Wide))).norm().to(ScalarType.Float64).item<double>();
        // As torch's clip_grad_norm_: a little below the limit rather than above.
        double factor = limit / (norm + 1e-6);
        if (limit > 0 && factor < 1)
        {
            foreach (Tensor gradient in gradients)
            {
                gradient.mul_(factor);
            }
        }
        return norm;
    }
}
