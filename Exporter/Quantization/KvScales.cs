namespace Factory.Exporter.Quantization;

/// <summary>
/// How an int8 cache counts: value ≈ scale · q, q from -127 to 127, one scale a channel of a head. The scales are fixed when the model is written, so that what
/// stands in the cache does not depend on what is computed beside it; a value beyond the largest that was seen is cut off.
/// </summary>
/// <param name="Keys">By block, shape (keyValueHeads, 1, headSize); keys after rotation.</param>
/// <param name="Values">By block, the same shape.</param>
internal sealed record KvScales(IReadOnlyList<float[]> Keys, IReadOnlyList<float[]> Values)
{
    /// <param name="largest">The largest magnitudes of a block's keys or values, by channel.</param>
    public static float[] FromLargest(float[] largest) => Array.ConvertAll(largest, value => value > 0 ? value / 127 : 1);
}
