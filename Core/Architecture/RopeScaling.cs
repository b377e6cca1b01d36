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
}
