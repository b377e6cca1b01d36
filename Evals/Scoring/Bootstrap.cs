using Factory.Evals.Python;

namespace Factory.Evals.Scoring;

/// <summary>
/// Standard error of a statistic without a closed form: the spread of its values over resamples with replacement (Efron, 1979).
/// Draws come in chunks of 1000, chunk i from a generator seeded with i, so that they are the harness's.
/// </summary>
public static class Bootstrap
{
    private const int ChunkSize = 1000;

    /// <param name="values">What is resampled.</param>
    /// <param name="statistic">The statistic as a function of a resample's mean.</param>
    /// <param name="iterations">Resamples; what is beyond a whole number of chunks is left out, as the harness does.</param>
    /// <returns>null for fewer than two iterations, or fewer than two values, which say nothing about spread.</returns>
    public static double? Error(IReadOnlyList<double> values, Func<double, double> statistic, int iterations, CancellationToken cancellationToken)
    {
        if (iterations < 2 || values.Count < 2)
        {
            return null;
        }
        double[] population = [.. values];
        int chunk = Math.Min(ChunkSize, iterations);
        int chunks = iterations / chunk;
        double[] replicates = new double[chunks * chunk];
        Parallel.For(0, chunks, new ParallelOptions { CancellationToken = cancellationToken }, i =>
        {
            var random = new PythonRandom((ulong)i);
            foreach (ref double replicate in replicates.AsSpan(i * chunk, chunk))
            {
                replicate = statistic(ResampledMean(population, random));
            }
        });
        return Statistics.SampleDeviation(replicates);
    }

    private static double ResampledMean(double[] population, PythonRandom random)
    {
        double sum = 0;
        for (int i = 0; i < population.Length; i++)
        {
            sum += population[random.Choice(population.Length)];
        }
        return sum / population.Length;
    }
}
