using static TorchSharp.torch;

namespace Factory.Trainer.Model;

/// <summary>Statistics that TorchSharp lacks.</summary>
internal static class Statistics
{
    /// <summary>Mean squared distance from the mean, over all elements; a scalar on the values' device. TorchSharp 0.107's var(unbiased: false) divides by n - 1 all the same.</summary>
    public static Tensor PopulationVarianceOf(Tensor values) => (values - values.mean()).square().mean();

    /// <inheritdoc cref="PopulationVarianceOf"/>
    public static double PopulationVariance(Tensor values) => PopulationVarianceOf(values).to(ScalarType.Float64).item<double>();
}
