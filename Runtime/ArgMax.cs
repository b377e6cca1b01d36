namespace Factory.Runtime;

/// <summary>The likeliest token.</summary>
internal static class ArgMax
{
    /// <summary>Index of the largest value; the first of equals.</summary>
    public static int Of(ReadOnlySpan<float> values)
    {
        int best = 0;
        for (int i = 1; i < values.Length; i++)
        {
            if (values[i] > values[best])
            {
                best = i;
            }
        }
        return best;
    }
}
