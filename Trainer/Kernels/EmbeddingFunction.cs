using Factory.Trainer.Buffers;
using Factory.Trainer.LibTorch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Factory.Trainer.Kernels;

/// <summary>Rows of the embedding by token id; the gradient is added right where it is kept, without a table of zeros for each micro-batch.</summary>
internal sealed unsafe class EmbeddingFunction : autograd.SingleTensorFunction<EmbeddingFunction>
{
    public override string Name => nameof(EmbeddingFunction);

    /// <param name="weight">(vocabulary, hidden), float32.</param>
    /// <param name="packed">The same, with its gradient.</param>
    /// <param name="ids">int64, (batch, time).</param>
    /// <returns>(batch, time, hidden)</returns>
    public static Tensor Run(Parameter weight, PackedWeight packed, Tensor ids) => apply(weight, packed, ids);

    public override Tensor forward(autograd.AutogradContext ctx, params object[] variables)
    {
        var packed = (PackedWeight)variables[1];
        Tensor ids = ((Tensor)variables[2]).contiguous();
        ctx.save_for_backward([ids]);
        ctx.save_data("packed", packed);
        Tensor table = packed.In(ScalarType.Float32);
        return table.index_select(0, ids.view(-1)).view([.. ids.shape, table.shape[1]]);
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor gradient)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor ids = ctx.get_saved_variables()[0];
        Tensor sum = ((PackedWeight)ctx.get_data("packed")).Gradient!;
        Tensor dense = gradient.contiguous();
        var kernel = new EmbeddingGradientKernel
        {
            Ids = (long*)LibTorchC.Data(ids),
            Count = ids.numel(),
            Channels = sum.shape[1],
            OutputGradient = (float*)LibTorchC.Data(dense),
            Gradient = (float*)LibTorchC.Data(sum),
        };
        Loop.For(kernel.Items, 1, kernel);
        return Handover.Give(gradient, null, null, null);
    }
}
