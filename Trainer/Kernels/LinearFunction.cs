using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Kernels;

/// <summary>Several linear maps of one input as one matrix product: packed queries, keys and values; gate and up.</summary>
internal sealed class LinearFunction : autograd.SingleTensorFunction<LinearFunction>
{
    public override string Name => nameof(LinearFunction);

    /// <param name="x">(…, inputs), in the type to compute in.</param>
    /// <param name="weights">Each (outputs, inputs), in float32 or in the type to compute in.</param>
    /// <returns>(…, sum of outputs), in the type of <paramref name="x"/>.</returns>
    public static Tensor Run(Gemm gemm, Tensor x, params Tensor[] weights) => apply([gemm, x, .. weights]);

    public override Tensor forward(autograd.AutogradContext ctx, params object[] variables)
    {
        var gemm = (Gemm)variables[0];
        var x = (Tensor)variables[1];
        Tensor[] weights = [.. variables.Skip(2).Cast<Tensor>()];
        Tensor packed = weights.Length == 1 ? weights[0].to(x.dtype) : cat([.. weights.Select(weight => weight.to(x.dtype))]); // (outputs, inputs)
        ctx.save_for_backward([x, packed]);
        ctx.save_data("gemm", gemm);
        ctx.save_data("outputs", weights.Select(weight => weight.shape[0]).ToArray());
        ctx.save_data("type", weights[0].dtype);
        ctx.save_data("wanted", (Input: x.requires_grad, Weights: weights.Any(weight => weight.requires_grad)));
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
        var wanted = ((bool Input, bool Weights))ctx.get_data("wanted");
        Tensor rows = gradient.reshape(-1, gradient.shape[^1]);
        Tensor? input = wanted.Input ? gemm.InputGradient(rows, packed).view(x.shape) : null;
        if (!wanted.Weights)
        {
            return Handover.Give(gradient, [null, input, .. new Tensor?[outputs.Length]]);
        }
        Tensor weight = gemm.WeightGradient(rows, x.view(-1, x.shape[^1])).to((ScalarType)ctx.get_data("type"));
        return Handover.Give(gradient, [null, input, .. outputs.Length == 1 ? [weight] : weight.split(outputs)]);
    }
}
