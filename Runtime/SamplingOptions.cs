namespace Factory.Runtime;

/// <summary>How the next token is chosen from the logits. The defaults take the likeliest.</summary>
public sealed record SamplingOptions
{
    /// <summary>Divides the logits; 0 takes the likeliest token (greedy).</summary>
    public double Temperature { get; init; }

    /// <summary>Keeps this many likeliest tokens; 0 keeps all.</summary>
    public int TopK { get; init; }

    /// <summary>Keeps the likeliest tokens up to and including the one whose probabilities reach this sum; 1 keeps all.</summary>
    public double TopP { get; init; } = 1;

    /// <summary>Keeps tokens at least this fraction as likely as the likeliest; 0 keeps all.</summary>
    public double MinP { get; init; }

    /// <summary>Divides positive and multiplies negative logits of tokens that stand in the prompt or were generated (CTRL, arXiv 1909.05858); 1 changes nothing.</summary>
    public double RepetitionPenalty { get; init; } = 1;

    /// <summary>Start of the random numbers: equal seeds give equal tokens. null draws one.</summary>
    public ulong? Seed { get; init; }

    /// <exception cref="ArgumentOutOfRangeException">A property is out of range; ParamName names it.</exception>
    public void Validate()
    {
        Require(double.IsFinite(Temperature) && Temperature >= 0, nameof(Temperature), Temperature, "0 (greedy) or a positive number");
        Require(TopK >= 0, nameof(TopK), TopK, "0 (off) or a positive whole number");
        Require(TopP is > 0 and <= 1, nameof(TopP), TopP, "a number above 0 and up to 1 (off)");
        Require(MinP is >= 0 and <= 1, nameof(MinP), MinP, "a number from 0 (off) to 1");
        Require(double.IsFinite(RepetitionPenalty) && RepetitionPenalty > 0, nameof(RepetitionPenalty), RepetitionPenalty, "a positive number, 1 for off");
    }

    internal static void Require(bool holds, string property, object found, string expected)
    {
        if (!holds)
        {
            throw new ArgumentOutOfRangeException(property, found, FormattableString.Invariant($"Expected {expected}, found {found}."));
        }
    }
}
