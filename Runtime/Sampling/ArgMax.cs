using System.Numerics.Tensors;

namespace Factory.Runtime;

/// <summary>The likeliest token.</summary>
internal static class ArgMax
{
    /// <summary>Index of the largest value; the first of equals.</summary>
    public static int IndexOf(ReadOnlySpan<float> values) => TensorPrimitives.IndexOfMax(values);
}
