using Factory.Evals.Python;
using Factory.Evals.Scoring;

namespace Factory.Evals.Gates;

/// <summary>Tests on the same documents, answered by two models.</summary>
internal static class PairedTest
{
    private const int Resamples = 10_000;
    private const double Tail = 0.025;

    /// <summary>
    /// McNemar's exact test (1947): of the documents that only one of both has right, how many are B's? Under no difference each is either's with chance 1/2.
    /// </summary>
    /// <returns>One-sided chance of a result at least this bad for B, and the two-sided one.</returns>
    public static (double Worse, double Either) McNemar(int onlyA, int onlyB)
    {
        int discordant = onlyA + onlyB;
        double worse = UpperTail(onlyA, discordant);
        double better = UpperTail(onlyB, discordant);
        return (worse, Math.Min(1, 2 * Math.Min(worse, better)));
    }

    /// <summary>The paired bootstrap: documents are drawn anew, the same ones for both models, and the scores compared each time.</summary>
    /// <param name="score">From measurements to a score.</param>
    /// <returns>95 % interval of B − A, and the chances as in <see cref="McNemar"/>.</returns>
    public static (double Low, double High, double Worse, double Either) Bootstrap(
        IReadOnlyList<Measurement> a, IReadOnlyList<Measurement> b, Func<IReadOnlyList<Measurement>, double> score, bool higherIsBetter, CancellationToken cancellationToken)
    {
        var random = new PythonRandom(0);
        var differences = new double[Resamples];
        var (drawnA, drawnB) = (new Measurement[a.Count], new Measurement[b.Count]);
        for (int resample = 0; resample < Resamples; resample++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (int i = 0; i < a.Count; i++)
            {
                int document = random.Choice(a.Count);
                (drawnA[i], drawnB[i]) = (a[document], b[document]);
            }
            differences[resample] = score(drawnB) - score(drawnA);
        }
        Array.Sort(differences);
        double above = (1.0 + differences.Count(difference => difference >= 0)) / (Resamples + 1);
        double below = (1.0 + differences.Count(difference => difference <= 0)) / (Resamples + 1);
        return (differences[(int)(Resamples * Tail)], differences[(int)(Resamples * (1 - Tail)) - 1], higherIsBetter ? above : below, Math.Min(1, 2 * Math.Min(above, below)));
    }

    /// <summary>Chances of a difference whose standard error is known, by the normal distribution.</summary>
    public static (double Worse, double Either) Normal(double loss, double error)
    {
        double worse = error > 0 ? 1 - Cumulative(loss / error) : loss > 0 ? 0 : 1;
        return (worse, error > 0 ? 2 * (1 - Cumulative(Math.Abs(loss) / error)) : loss == 0 ? 1 : 0);
    }

    /// <summary>P(X ≥ <paramref name="successes"/>) of <paramref name="trials"/> fair coins, summed from logarithms so that thousands do not overflow.</summary>
    private static double UpperTail(int successes, int trials)
    {
        double logChoose = 0;
        double sum = 0;
        for (int k = 0; k <= trials; k++)
        {
            if (k >= successes)
            {
                sum += Math.Exp(logChoose - (trials * Math.Log(2)));
            }
            logChoose += Math.Log(trials - k) - Math.Log(k + 1);
        }
        return Math.Min(1, sum);
    }

    /// <summary>The standard normal distribution by Zelen and Severo's approximation (Abramowitz and Stegun, 26.2.17), exact to 7.5e-8.</summary>
    private static double Cumulative(double z)
    {
        double t = 1 / (1 + (0.2316419 * Math.Abs(z)));
        double tail = Math.Exp(-z * z / 2) / Math.Sqrt(2 * Math.PI)
            * t * (0.319381530 + (t * (-0.356563782 + (t * (1.781477937 + (t * (-1.821255978 + (t * 1.330274429))))))));
        return z >= 0 ? 1 - tail : tail;
    }
}
