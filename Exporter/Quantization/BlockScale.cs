namespace Factory.Exporter.Quantization;

/// <summary>The scale of a block of int4 weights with the smallest weighted squared error, among those that put the largest value near level 8.</summary>
internal static class BlockScale
{
    private const int Steps = 5;

    /// <param name="importance">Weight of each value's squared error.</param>
    public static float Search(ReadOnlySpan<float> values, ReadOnlySpan<float> importance)
    {
        float full = BlockInt4.FullRange(values);
        if (full == 0)
        {
            return 0;
        }
        float best = full;
        double least = Error(values, importance, full);
        for (int sign = -1; sign <= 1; sign += 2)
        {
            for (int step = -Steps; step <= Steps; step++)
            {
                // Levels from 7 to 9 for the largest value, then the scale that suits the levels best.
                float scale = Refit(values, importance, sign * full * 8 / (8 + (0.2f * step)));
                double error = Error(values, importance, scale);
                (best, least) = error < least ? (scale, error) : (best, least);
            }
        }
        return best;
    }

    /// <summary>Least squares over the scale, the levels held: Σ d·w·q / Σ d·q².</summary>
    private static float Refit(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, float scale)
    {
        double product = 0;
        double square = 0;
        for (int i = 0; i < values.Length; i++)
        {
            int level = BlockInt4.Level(values[i], scale);
            product += importance[i] * values[i] * level;
            square += importance[i] * level * level;
        }
        return square > 0 && product != 0 ? (float)(product / square) : scale;
    }

    private static double Error(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, float scale)
    {
        double sum = 0;
        for (int i = 0; i < values.Length; i++)
        {
            double error = values[i] - (BlockInt4.Level(values[i], scale) * scale);
            sum += importance[i] * error * error;
        }
        return sum;
    }
}
