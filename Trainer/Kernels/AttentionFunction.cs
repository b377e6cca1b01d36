using Factory.Trainer.LibTorch;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Kernels;

/// <summary>Rotary positions and causal attention on packed queries, keys and values; kept for the gradient are input, output and one sum a query.</summary>
internal sealed unsafe class AttentionFunction : autograd.SingleTensorFunction<AttentionFunction>
{
    public override string Name => nameof(AttentionFunction);

    /// <param name="packed">(batch, time, (heads + 2 · keyValueHeads) · headSize); float32 or bfloat16.</param>
    /// <param name="cosine">(positions, headSize / 2), float32, positions at least time.</param>
    /// <returns>(batch, time, heads · headSize)</returns>
    public static Tensor Run(Tensor packed, Tensor cosine, Tensor sine, int heads, int keyValueHeads) => apply(packed, cosine, sine, heads, keyValueHeads);

    public override Tensor forward(autograd.AutogradContext ctx, params object[] variables)
    {
        using StepClock.Span clock = StepClock.Measure(StepPart.Attention);
        Tensor packed = ((Tensor)variables[0]).contiguous();
        (var cosine, var sine) = ((Tensor)variables[1], (Tensor)variables[2]);
        (int heads, int keyValueHeads) = ((int)variables[3], (int)variables[4]);
        var shape = new AttentionShape(packed.shape[0], packed.shape[1], heads, keyValueHeads, packed.shape[2] / (heads + (2 * keyValueHeads)));
        Tensor output = empty([shape.Batch, shape.Time, heads * shape.HeadSize], packed.dtype);
        Tensor logSums = empty([shape.Batch, heads, shape.Time], ScalarType.Float32);
        if (packed.dtype == ScalarType.BFloat16)
        {
            Loop.For(shape.Batch * heads, 1, Forward<ushort, BFloat16Element>(shape, packed, cosine, sine, output, logSums));
        }
        else
        {
            Loop.For(shape.Batch * heads, 1, Forward<float, Float32Element>(shape, packed, cosine, sine, output, logSums));
        }
        ctx.save_for_backward([packed, output, logSums, cosine, sine]);
        ctx.save_data("shape", shape);
        return output;
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor gradient)
    {
        using StepClock.Span clock = StepClock.Measure(StepPart.Attention);
        using DisposeScope scope = NewDisposeScope();
        List<Tensor> saved = ctx.get_saved_variables();
        var shape = (AttentionShape)ctx.get_data("shape");
        Tensor dense = gradient.contiguous();
        Tensor result = empty(saved[0].shape, saved[0].dtype);
        if (result.dtype == ScalarType.BFloat16)
        {
            Loop.For(shape.Batch * shape.KeyValueHeads, 1, Backward<ushort, BFloat16Element>(shape, saved, dense, result));
        }
        else
        {
            Loop.For(shape.Batch * shape.KeyValueHeads, 1, Backward<float, Float32Element>(shape, saved, dense, result));
        }
        return Handover.Give(gradient, result, null, null, null, null);
    }

    private static AttentionKernel<T, TElement> Forward<T, TElement>(AttentionShape shape, Tensor packed, Tensor cosine, Tensor sine, Tensor output, Tensor logSums)
        where T : unmanaged
        where TElement : struct, IElement<T> => new()
        {
            Shape = shape,
            Packed = (T*)LibTorchC.Data(packed),
            Cosine = (float*)LibTorchC.Data(cosine),
            Sine = (float*)LibTorchC.Data(sine),
            Output = (T*)LibTorchC.Data(output),
            LogSums = (float*)LibTorchC.Data(logSums),
        };

    private static AttentionGradientKernel<T, TElement> Backward<T, TElement>(AttentionShape shape, List<Tensor> saved, Tensor gradient, Tensor result)
        where T : unmanaged
        where TElement : struct, IElement<T> => new()
        {
            Shape = shape,
            Packed = (T*)LibTorchC.Data(saved[0]),
            Output = (T*)LibTorchC.Data(saved[1]),
            LogSums = (float*)LibTorchC.Data(saved[2]),
            Cosine = (float*)LibTorchC.Data(saved[3]),
            Sine = (float*)LibTorchC.Data(saved[4]),
            OutputGradient = (T*)LibTorchC.Data(gradient),
            Gradient = (T*)LibTorchC.Data(result),
        };
}
