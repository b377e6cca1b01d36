using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Model;

/// <summary>Activation checkpointing (arXiv 1604.06174): a block that keeps nothing but its input and runs again on the way back.</summary>
internal sealed class RecomputedBlock : autograd.SingleTensorFunction<RecomputedBlock>
{
    public override string Name => nameof(RecomputedBlock);

    /// <param name="stream">(batch, time, hidden)</param>
    /// <returns>What the block makes of it, bit for bit; so are all gradients.</returns>
    public static Tensor Run(LlamaBlock block, Tensor stream)
    {
        // Autograd does not see the block's parameters here. Something must ask for a gradient also where the stream does not, as before the first of
        // the blocks that a frozen model has adapters in.
        using Tensor asks = zeros(1).requires_grad_();
        return apply(block, stream, asks);
    }

    public override Tensor forward(autograd.AutogradContext ctx, params object[] variables)
    {
        var stream = (Tensor)variables[1];
        ctx.save_for_backward([stream]);
        ctx.save_data("block", variables[0]);
        ctx.save_data("wanted", stream.requires_grad);
        using var noGradient = no_grad();
        return ((LlamaBlock)variables[0]).forward(stream);
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor gradient)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor stream = ctx.get_saved_variables()[0].detach();
        if ((bool)ctx.get_data("wanted"))
        {
            stream.requires_grad_();
        }
        using (enable_grad())
        {
            ((LlamaBlock)ctx.get_data("block")).forward(stream).backward([gradient]);
        }
        return Kernels.Handover.Give(gradient, null, stream.grad, null);
    }
}
