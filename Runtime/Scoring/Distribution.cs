namespace Factory.Runtime;

/// <summary>What scoring needs of one position's logits, computed once for all continuations that begin there.</summary>
/// <param name="Normalizer">The logarithm of the softmax's denominator.</param>
/// <param name="Likeliest">The token with the largest logit, the first of equals.</param>
internal readonly record struct Distribution(double Normalizer, int Likeliest)
{
    public static Distribution FromLogits(ReadOnlySpan<float> logits)
    {
        int likeliest = ArgMax.IndexOf(logits);
        return new Distribution(LogSumExp.Compute(logits, logits[likeliest]), likeliest);
    }
}
