using Factory.Trainer.LibTorch;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Kernels;

/// <summary>silu(gate) · up of one packed tensor, in one pass each way; only the input is kept for the gradient.</summary>
internal sealed unsafe class SwiGluFunction : autograd.SingleTensorFunction<SwiGluFunction>
{
    private const long Grain = 4;

    public override string Name => nameof(SwiGluFunction);

    /// <param name="gateUp">(…, 2 · inner): gate, then up; float32 or bfloat16.</param>
    /// <returns>(…, inner)</returns>
    public static Tensor Run(Tensor gateUp) => apply(gateUp);

    public override Tensor forward(autograd.AutogradContext ctx, params object[] variables)
    {
        using StepClock.Span clock = StepClock.Measure(StepPart.SwiGlu);
        Tensor gateUp = ((Tensor)variables[0]).contiguous();
        long inner = gateUp.shape[^1] / 2;
        Tensor output = empty([.. gateUp.shape[..^1], inner], gateUp.dtype);
        long rows = output.NumberOfElements / inner;
        if (gateUp.dtype == ScalarType.BFloat16)
        {
            Loop.For(rows, Grain, new SwiGluKernel<ushort, BFloat16Element> { GateUp = (ushort*)LibTorchC.Data(gateUp), Inner = inner, Output = (ushort*)LibTorchC.Data(output) });
        }
        else
        {
            Loop.For(rows, Grain, new SwiGluKernel<float, Float32Element> { GateUp = (float*)LibTorchC.Data(gateUp), Inner = inner, Output = (float*)LibTorchC.Data(output) });
        }
        ctx.save_for_backward([gateUp]);
        return output;
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor gradient)
    {
        using StepClock.Span clock = StepClock.Measure(StepPart.SwiGlu);
        using DisposeScope scope = NewDisposeScope();
        Tensor gateUp = ctx.get_saved_variables()[0];
        Tensor dense = gradient.contiguous();
        Tensor result = empty(gateUp.shape, gateUp.dtype);
        long inner = gradient.shape[^1];
        long rows = gradient.NumberOfElements / inner;
        if (gateUp.dtype == ScalarType.BFloat16)
        {
            Loop.For(rows, Grain, Kernel<ushort, BFloat16Element>(gateUp, dense, result, inner));
        }
        else
        {
            Loop.For(rows, Grain, Kernel<float, Float32Element>(gateUp, dense, result, inner));
        }
        return Handover.Give(gradient, result);
    }

    private static SwiGluGradientKernel<T, TElement> Kernel<T, TElement>(Tensor gateUp, Tensor gradient, Tensor result, long inner)
        where T : unmanaged
        where TElement : struct, IElement<T> => new()
        {
            GateUp = (T*)LibTorchC.Data(gateUp),
            Inner = inner,
            OutputGradient = (T*)LibTorchC.Data(gradient),
            Gradient = (T*)LibTorchC.Data(result),
        };
}
