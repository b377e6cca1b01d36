namespace Factory.Evals.Scoring;

/// <summary>Whether the right choice is the most likely one. Of equals the first counts.</summary>
public static class Accuracy
{
    /// <summary>1 when the choice with the highest log-likelihood is <paramref name="gold"/>, else 0.</summary>
    public static double Of(IReadOnlyList<double> logLikelihoods, int gold) => FirstHighest(logLikelihoods) == gold ? 1 : 0;

    /// <summary>The same after dividing each log-likelihood by its choice's length (Unicode code points).</summary>
    public static double NormalizedOf(IReadOnlyList<double> logLikelihoods, IReadOnlyList<int> lengths, int gold) =>
        Of([.. logLikelihoods.Zip(lengths, (logLikelihood, length) => logLikelihood / length)], gold);

    private static int FirstHighest(IReadOnlyList<double> values)
    {
        int best = 0;
        for (int i = 1; i < values.Count; i++)
        {
            best = values[i] > values[best] ? i : best;
        }
        return best;
    }
}
