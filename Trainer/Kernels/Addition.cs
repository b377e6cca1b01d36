using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Kernels;

/// <summary>
/// Sums of tensors without a new scalar for each. TorchSharp's own make an object for the factor 1 and do not keep it alive during the call: a garbage
/// collection at that moment frees it while libtorch reads it, and one sum of many millions fails.
/// </summary>
internal static class Addition
{
    private static readonly Scalar One = 1.ToScalar();

    /// <summary>left + right.</summary>
    public static Tensor Plus(this Tensor left, Tensor right) => left.add(right, One);

    /// <summary>sum += by.</summary>
    public static void Increase(this Tensor sum, Tensor by) => sum.add_(by, One);
}
