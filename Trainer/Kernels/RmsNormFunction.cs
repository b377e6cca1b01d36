using System.Runtime.InteropServices;
using Factory.Trainer.Buffers;
using Factory.Trainer.LibTorch;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Kernels;

/// <summary>RMSNorm with its constant factor, from float32 to the type to compute in, in one pass each way.</summary>
internal sealed unsafe class RmsNormFunction : autograd.SingleTensorFunction<RmsNormFunction>
{
    /// <summary>Rows that are not worth a second thread.</summary>
    private const long Grain = 16;

    public override string Name => nameof(RmsNormFunction);

    /// <param name="x">(…, channels), float32.</param>
    /// <param name="gain">(channels), float32.</param>
    /// <param name="output">float32 or bfloat16.</param>
    /// <param name="gainGradient">Where the gain's gradient is added; null gives it back to autograd.</param>
    public static Tensor Run(Tensor x, Tensor gain, double scale, double epsilon, ScalarType output, PackedWeight? gainGradient = null) =>
        apply(x, gain, scale, epsilon, output, gainGradient!);

    public override Tensor forward(autograd.AutogradContext ctx, params object[] variables)
    {
        using StepClock.Span clock = StepClock.Measure(StepPart.Norm);
        Tensor x = ((Tensor)variables[0]).contiguous();
        var gain = (Tensor)variables[1];
        (double scale, double epsilon, ScalarType type) = ((double)variables[2], (double)variables[3], (ScalarType)variables[4]);
        long channels = x.shape[^1];
        long rows = x.NumberOfElements / channels;
        Tensor output = empty(x.shape, type);
        Tensor inverse = empty(rows, ScalarType.Float32);
        if (type == ScalarType.BFloat16)
        {
            Loop.For(rows, Grain, Forward<ushort, BFloat16Element>(x, gain, scale, epsilon, output, inverse, channels));
        }
        else
        {
            Loop.For(rows, Grain, Forward<float, Float32Element>(x, gain, scale, epsilon, output, inverse, channels));
        }
        ctx.save_for_backward([x, gain, inverse]);
        ctx.save_data("scale", scale);
        ctx.save_data("sum", gain.requires_grad ? variables[5] : null!);
        return output;
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor gradient)
    {
        using StepClock.Span clock = StepClock.Measure(StepPart.Norm);
        using DisposeScope scope = NewDisposeScope();
        List<Tensor> saved = ctx.get_saved_variables();
        (Tensor x, Tensor gain, Tensor inverse) = (saved[0], saved[1], saved[2]);
        var scale = (double)ctx.get_data("scale");
        Tensor dense = gradient.contiguous();
        Tensor input = empty(x.shape, ScalarType.Float32);
        long channels = x.shape[^1];
        var sums = (float*)NativeMemory.AllocZeroed((nuint)(sizeof(float) * RmsNormGradientKernel<float, Float32Element>.Parts * channels)); // (parts, channels)
        if (dense.dtype == ScalarType.BFloat16)
        {
            Loop.For(RmsNormGradientKernel<ushort, BFloat16Element>.Parts, 1, Backward<ushort, BFloat16Element>(x, gain, scale, inverse, dense, input, sums));
        }
        else
        {
            Loop.For(RmsNormGradientKernel<float, Float32Element>.Parts, 1, Backward<float, Float32Element>(x, gain, scale, inverse, dense, input, sums));
        }
        Tensor? kept = ((PackedWeight?)ctx.get_data("sum"))?.Gradient;
        Tensor sum = kept ?? zeros(channels, ScalarType.Float32);
        for (long part = 0; part < RmsNormGradientKernel<float, Float32Element>.Parts; part++)
        {
            VectorMath.Add(sums + (part * channels), (float*)LibTorchC.Data(sum), channels);
        }
        NativeMemory.Free(sums);
        return Handover.Give(gradient, input, kept is null ? sum : null, null, null, null, null);
    }

    private static RmsNormKernel<T, TElement> Forward<T, TElement>(Tensor x, Tensor gain, double scale, double epsilon, Tensor output, Tensor inverse, long channels)
        where T : unmanaged
        where TElement : struct, IElement<T> => new()
        {
            Input = (float*)LibTorchC.Data(x),
            Gain = (float*)LibTorchC.Data(gain),
            Scale = (float)scale,
            Epsilon = epsilon,
            Channels = channels,
            Output = (T*)LibTorchC.Data(output),
            Inverse = (float*)LibTorchC.Data(inverse),
        };

    private static RmsNormGradientKernel<T, TElement> Backward<T, TElement>(Tensor x, Tensor gain, double scale, Tensor inverse, Tensor gradient, Tensor input, float* sums)
        where T : unmanaged
        where TElement : struct, IElement<T> => new()
        {
            Input = (float*)LibTorchC.Data(x),
            Gain = (float*)LibTorchC.Data(gain),
            Scale = (float)scale,
            Rows = x.NumberOfElements / x.shape[^1],
            Channels = x.shape[^1],
            Inverse = (float*)LibTorchC.Data(inverse),
            OutputGradient = (T*)LibTorchC.Data(gradient),
            InputGradient = (float*)LibTorchC.Data(input),
            GainGradients = sums,
        };
}
