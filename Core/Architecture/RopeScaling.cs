namespace Factory.Core.Architecture;

/// <summary>How rotary frequencies are stretched for longer contexts.</summary>
public abstract record RopeScaling
{
    private RopeScaling() { }

    /// <summary>Every frequency divided by <paramref name="Factor"/> (position interpolation).</summary>
    public sealed record Linear(double Factor) : RopeScaling;

    /// <summary>
    /// Llama 3: wavelengths longer than OriginalMaxPositions/LowFrequencyFactor are divided by Factor, those shorter than
    /// OriginalMaxPositions/HighFrequencyFactor stay, and those between are interpolated.
    /// </summary>
    public sealed record Llama3(double Factor, double LowFrequencyFactor, double HighFrequencyFactor, int OriginalMaxPositions) : RopeScaling;

    /// <summary>
    /// YaRN (arXiv 2309.00071): channels that turn more than BetaFast times within OriginalMaxPositions stay, those that turn less than BetaSlow times
    /// are divided by Factor, those between are interpolated over the channel's number; cosine and sine are multiplied by AttentionFactor.
    /// </summary>
    /// <param name="Truncate">Whether the bounds of that range are rounded outwards to whole channels.</param>
    public sealed record Yarn(double Factor, int OriginalMaxPositions, double AttentionFactor, double BetaFast = 32, double BetaSlow = 1, bool Truncate = true) : RopeScaling
    {
        /// <summary>The attention factor of the paper, 0.1 ln(factor) + 1, times <paramref name="scale"/> on the logarithm.</summary>
        public static double AttentionFactorFor(double factor, double scale = 1) => factor <= 1 ? 1 : (0.1 * scale * Math.Log(factor)) + 1;
    }
}
