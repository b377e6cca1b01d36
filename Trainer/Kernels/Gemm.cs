using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Kernels;

/// <summary>
/// Matrix products of linear maps, outside autograd. libtorch's own product of float32 goes through MKL, which keeps its AVX-512 code for Intel's
/// processors; oneDNN, in the same library, does not. <see cref="GemmProbe"/> finds which is faster here.
/// </summary>
internal abstract class Gemm
{
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
    public Tensor WeightGradient(Tensor gradient, Tensor x) => Forward(gradient.t(), x.t());

    /// <inheritdoc cref="Forward"/>
    protected abstract Tensor Multiply(Tensor x, Tensor weight);

    private sealed class DefaultGemm : Gemm
    {
        public override string Name => "libtorch";

        protected override Tensor Multiply(Tensor x, Tensor weight) => x.mm(weight.t());
    }

    private sealed class OneDnnGemm : Gemm
    {
        public override string Name => "onednn";

        protected override Tensor Multiply(Tensor x, Tensor weight) => x.dtype == ScalarType.Float32 ? LibTorchC.Linear(x, weight) : x.mm(weight.t());
    }
}
