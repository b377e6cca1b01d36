using System.Runtime.Intrinsics;
using Factory.Trainer.LibTorch;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Kernels;

/// <summary>
/// Matrix products of linear maps, outside autograd. libtorch's own product of float32 goes through MKL, which keeps its AVX-512 code for Intel's
/// processors; oneDNN, in the same library, does not. <see cref="GemmProbe"/> finds which is faster here.
/// </summary>
internal abstract class Gemm
{
    /// <summary>Numbers of a weight's gradient that are added at a time.</summary>
    private const long AddedSize = 1 << 22;

    /// <summary>What libtorch takes by itself: MKL for float32, oneDNN for bfloat16 where the processor has it.</summary>
    public static Gemm Default { get; } = new DefaultGemm();

    /// <summary>oneDNN for float32 too.</summary>
    public static Gemm OneDnn { get; } = new OneDnnGemm();

    /// <summary>As logs and checkpoints name it.</summary>
    public abstract string Name { get; }

    /// <summary>x · weightᵀ.</summary>
    /// <param name="x">(rows, inputs)</param>
    /// <param name="weight">(outputs, inputs)</param>
    /// <returns>(rows, outputs)</returns>
    public Tensor Forward(Tensor x, Tensor weight)
    {
        using StepClock.Span clock = StepClock.Measure(StepPart.Linear);
        return Multiply(x, weight);
    }

    /// <summary>gradient · weight.</summary>
    /// <param name="gradient">(rows, outputs)</param>
    /// <returns>(rows, inputs)</returns>
    public Tensor InputGradient(Tensor gradient, Tensor weight) => Forward(gradient, weight.t());

    /// <summary>gradientᵀ · x.</summary>
    /// <returns>(outputs, inputs)</returns>
    public Tensor WeightGradient(Tensor gradient, Tensor x)
    {
        using StepClock.Span clock = StepClock.Measure(StepPart.Linear);
        return MultiplyTransposed(gradient, x);
    }

    /// <summary>Adds gradientᵀ · x to <paramref name="sum"/>, (outputs, inputs), float32.</summary>
    public void AddWeightGradient(Tensor gradient, Tensor x, Tensor sum)
    {
        using StepClock.Span clock = StepClock.Measure(StepPart.Linear);
        AddTransposed(gradient, x, sum);
    }

    /// <inheritdoc cref="Forward"/>
    protected abstract Tensor Multiply(Tensor x, Tensor weight);

    /// <inheritdoc cref="WeightGradient"/>
    protected virtual Tensor MultiplyTransposed(Tensor gradient, Tensor x) => Multiply(gradient.t(), x.t());

    /// <inheritdoc cref="AddWeightGradient"/>
    protected virtual void AddTransposed(Tensor gradient, Tensor x, Tensor sum)
    {
        // A few outputs at a time: the product is still in the cache when it is added. Of a head's it would be written to memory and read again.
        long step = Math.Max(16, AddedSize / x.shape[1]);
        if (step >= sum.shape[0])
        {
            sum.Increase(MultiplyTransposed(gradient, x));
            return;
        }
        for (long output = 0; output < sum.shape[0]; output += step)
        {
            using DisposeScope scope = NewDisposeScope();
            long count = Math.Min(step, sum.shape[0] - output);
            sum.narrow(0, output, count).Increase(MultiplyTransposed(gradient.narrow(1, output, count), x));
        }
    }

    private sealed class DefaultGemm : Gemm
    {
        public override string Name => "libtorch";

        protected override Tensor Multiply(Tensor x, Tensor weight) => x.mm(weight.t());
    }

    private sealed class OneDnnGemm : Gemm
    {
        public override string Name => "onednn";

        /// <summary>oneDNN transposes both sides of a weight's gradient: 280 GFLOP/s where its other products give 450 (Zen 5, two threads).</summary>
        private static bool HasVectors => Vector512.IsHardwareAccelerated;

        protected override Tensor Multiply(Tensor x, Tensor weight) => x.dtype == ScalarType.Float32 ? LibTorchC.Linear(x, weight) : x.mm(weight.t());

        protected override Tensor MultiplyTransposed(Tensor gradient, Tensor x)
        {
            if (!HasVectors || x.dtype != ScalarType.Float32)
            {
                return base.MultiplyTransposed(gradient, x);
            }
            Tensor result = empty(gradient.shape[1], x.shape[1], ScalarType.Float32);
            Run(gradient, x, result, add: false);
            return result;
        }

        protected override void AddTransposed(Tensor gradient, Tensor x, Tensor sum)
        {
            if (!HasVectors || x.dtype != ScalarType.Float32 || !sum.is_contiguous())
            {
                base.AddTransposed(gradient, x, sum);
                return;
            }
            Run(gradient, x, sum, add: true);
        }

        private static unsafe void Run(Tensor gradient, Tensor x, Tensor result, bool add)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor left = gradient.contiguous();
            Tensor right = x.contiguous();
            var kernel = new WeightGradientKernel
            {
                OutputGradient = (float*)LibTorchC.Data(left),
                Input = (float*)LibTorchC.Data(right),
                Gradient = (float*)LibTorchC.Data(result),
                Rows = left.shape[0],
                Outputs = left.shape[1],
                Inputs = right.shape[1],
                Add = add,
            };
            Loop.For(kernel.Items, 1, kernel);
        }
    }
}
