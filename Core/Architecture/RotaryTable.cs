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
            frequencies[i] = Scale(frequency, architecture.RopeScaling);
        }
        return frequencies;
    }

    /// <summary>Cosine and sine of position times frequency, each of shape (positions, headSize / 2), row-major.</summary>
    public static (double[] Cosine, double[] Sine) Angles(LlamaArchitecture architecture, int positions)
    {
        double[] frequencies = Frequencies(architecture);
        var cosine = new double[positions * frequencies.Length];
        var sine = new double[positions * frequencies.Length];
        for (int position = 0, at = 0; position < positions; position++)
        {
            foreach (double frequency in frequencies)
            {
                (sine[at], cosine[at]) = Math.SinCos(position * frequency);
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
}
