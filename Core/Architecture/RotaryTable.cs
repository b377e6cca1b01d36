namespace Factory.Core.Architecture;

/// <summary>Angles of the rotary position embedding (arXiv 2104.09864), half-split layout: channel i turns with channel i + headSize/2.</summary>
public static class RotaryTable
{
    /// <summary>Radians per position, shape (headSize / 2).</summary>
    public static double[] Frequencies(LlamaArchitecture architecture)
    {
        var frequencies = new double[architecture.HeadSize / 2];
        for (int i = 0; i < frequencies.Length; i++)
        {
            double frequency = Math.Pow(architecture.RopeTheta, -2.0 * i / architecture.HeadSize);
            frequencies[i] = architecture.RopeScaling is RopeScaling.Yarn yarn ? YarnFrequency(frequency, i, architecture, yarn) : Scale(frequency, architecture.RopeScaling);
        }
        return frequencies;
    }

    /// <summary>Factor on cosine and sine: YaRN's attention factor, else 1.</summary>
    public static double Magnitude(LlamaArchitecture architecture) => architecture.RopeScaling is RopeScaling.Yarn yarn ? yarn.AttentionFactor : 1;

    /// <summary>Cosine and sine of position times frequency, times <see cref="Magnitude"/>, each of shape (positions, headSize / 2), row-major.</summary>
    public static (double[] Cosine, double[] Sine) Angles(LlamaArchitecture architecture, int positions)
    {
        double[] frequencies = Frequencies(architecture);
        double magnitude = Magnitude(architecture);
        var cosine = new double[positions * frequencies.Length];
        var sine = new double[positions * frequencies.Length];
        for (int position = 0, at = 0; position < positions; position++)
        {
            foreach (double frequency in frequencies)
            {
                (double s, double c) = Math.SinCos(position * frequency);
                (sine[at], cosine[at]) = (s * magnitude, c * magnitude);
                at++;
            }
        }
        return (cosine, sine);
    }

    private static double Scale(double frequency, RopeScaling? scaling)
    {
        switch (scaling)
        {
            case null:
                return frequency;
            case RopeScaling.Linear linear:
                return frequency / linear.Factor;
            case RopeScaling.Llama3 llama:
                double turns = llama.OriginalMaxPositions * frequency / (2 * Math.PI);
                double keep = (turns - llama.LowFrequencyFactor) / (llama.HighFrequencyFactor - llama.LowFrequencyFactor);
                keep = Math.Clamp(keep, 0, 1);
                return ((1 - keep) * frequency / llama.Factor) + (keep * frequency);
            default:
                throw new InvalidOperationException($"No rotary frequencies for {scaling.GetType().Name}.");
        }
    }

    private static double YarnFrequency(double frequency, int channel, LlamaArchitecture architecture, RopeScaling.Yarn yarn)
    {
        int size = architecture.HeadSize;
        double first = Math.Max(0, Bound(yarn.BetaFast, Math.Floor));
        double last = Math.Min(size - 1, Bound(yarn.BetaSlow, Math.Ceiling));
        double divided = Math.Clamp((channel - first) / (first == last ? 0.001 : last - first), 0, 1);
        return (frequency / yarn.Factor * divided) + (frequency * (1 - divided));

        // The channel that turns so many times within the original context.
        double Bound(double turns, Func<double, double> outwards)
        {
            double bound = size * Math.Log(yarn.OriginalMaxPositions / (turns * 2 * Math.PI)) / (2 * Math.Log(architecture.RopeTheta));
            return yarn.Truncate ? outwards(bound) : bound;
        }
    }
}
