namespace Factory.Runtime;

/// <summary>How far a bundle's logits lie from those that the trained model gave for its probe.</summary>
/// <param name="Difference">Largest |difference| of a logit, divided by the largest |logit| of the probe where that exceeds 1.</param>
/// <param name="Tolerance">What the bundle's precision allows of <paramref name="Difference"/>.</param>
/// <param name="Sequences">Sequences of the probe.</param>
/// <param name="Time">Tokens of each.</param>
public sealed record ProbeReport(double Difference, double Tolerance, int Sequences, int Time)
{
    /// <summary>Whether the bundle computes what was trained. A NaN is outside every tolerance.</summary>
    public bool Passes => Difference <= Tolerance;

    public override string ToString() =>
        FormattableString.Invariant($"largest relative logit difference {Difference:0.0e+0}, limit {Tolerance:0e+0}, over {Sequences} sequences of {Time} tokens");
}
