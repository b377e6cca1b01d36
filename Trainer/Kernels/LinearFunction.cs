using Factory.Trainer.Buffers;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Factory.Trainer.Kernels;

/// <summary>Several linear maps of one input as one matrix product: packed queries, keys and values; gate and up.</summary>
internal sealed class LinearFunction : autograd.SingleTensorFunction<LinearFunction>
{
    public override string Name => nameof(LinearFunction);

    /// <param name="x">(…, inputs), in the type to compute in.</param>
    /// <param name="weights">Each (outputs, inputs), in float32 or in the type to compute in.</param>
    /// <returns>(…, sum of outputs), in the type of <paramref name="x"/>.</returns>
    public static Tensor Run(Gemm gemm, Tensor x, params Tensor[] weights) => apply([gemm, x, null!, .. weights]);

    /// <summary>The same for weights that stand side by side: none is copied, and the gradient is added right where it is kept.</summary>
    /// <param name="first">One of the weights, for whose sake the result has a gradient.</param>
    public static Tensor Run(Gemm gemm, Tensor x, PackedWeight packed, Parameter first) => apply(gemm, x, packed, first);

    public override Tensor forward(autograd.AutogradContext ctx, params object[] variables)
    {
        var gemm = (Gemm)variables[0];
        var x = (Tensor)variables[1];
        var side = (PackedWeight?)variables[2];
        Tensor[] weights = [.. variables.Skip(3).Cast<Tensor>()];
        Tensor packed = side is not null ? side.In(x.dtype)
            : weights.Length == 1 ? weights[0].to(x.dtype) : cat([.. weights.Select(weight => weight.to(x.dtype))]); // (outputs, inputs)
        bool isTrained = weights.Any(weight => weight.requires_grad);
        ctx.save_for_backward([x, packed]);
        ctx.save_data("gemm", gemm);
        ctx.save_data("outputs", weights.Select(weight => weight.shape[0]).ToArray());
        ctx.save_data("type", weights[0].dtype);
        ctx.save_data("wanted", new Wanted(x.requires_grad, isTrained, isTrained ? side?.Gradient : null));
        Tensor result = gemm.Forward(x.view(-1, x.shape[^1]), packed);
        return result.view([.. x.shape[..^1], packed.shape[0]]);
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor gradient)
    {
        using DisposeScope scope = NewDisposeScope();
        List<Tensor> saved = ctx.get_saved_variables();
        (Tensor x, Tensor packed) = (saved[0], saved[1]);
        var gemm = (Gemm)ctx.get_data("gemm");
        var outputs = (long[])ctx.get_data("outputs");
        var wanted = (Wanted)ctx.get_data("wanted");
        Tensor rows = gradient.reshape(-1, gradient.shape[^1]);
        Tensor? input = wanted.Input ? gemm.InputGradient(rows, packed).view(x.shape) : null;
        Tensor flat = x.view(-1, x.shape[^1]);
        if (wanted.Sum is not null)
        {
            gemm.AddWeightGradient(rows, flat, wanted.Sum);
        }
        if (!wanted.Weights || wanted.Sum is not null)
        {
            return Handover.Give(gradient, [null, input, null, .. new Tensor?[outputs.Length]]);
        }
        Tensor weight = gemm.WeightGradient(rows, flat).to((ScalarType)ctx.get_data("type"));
        return Handover.Give(gradient, [null, input, null, .. outputs.Length == 1 ? [weight] : weight.split(outputs)]);
    }

    /// <summary>Which gradients there are to be.</summary>
    /// <param name="Sum">Where that of the weights is added; null gives it back to autograd.</param>
    private sealed record Wanted(bool Input, bool Weights, Tensor? Sum);
}
