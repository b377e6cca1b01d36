using System.Collections.Frozen;
using Factory.Core;

namespace Factory.Runtime;

/// <summary>How the next token is chosen from the logits. The defaults take the likeliest.</summary>
public sealed record SamplingOptions
{
    /// <summary>Divides the logits; 0 takes the likeliest token (greedy). 0 to 100. Default: 0.</summary>
    public double Temperature { get; init; }

    /// <summary>Keeps this many likeliest tokens; 0 keeps all. Default: 0.</summary>
    public int TopK { get; init; }

    /// <summary>Keeps the likeliest tokens up to and including the one whose probabilities reach this sum (nucleus sampling, arXiv 1904.09751); 1 keeps all. Default: 1.</summary>
    public double TopP { get; init; } = 1;

    /// <summary>Keeps tokens at least this fraction as likely as the likeliest (arXiv 2407.01082); 0 keeps all. Default: 0.</summary>
    public double MinP { get; init; }

    /// <summary>Keeps the tokens whose surprise is nearest to the expected one until their probabilities reach this sum (locally typical sampling, arXiv 2202.00666); 1 keeps all. Default: 1.</summary>
    public double TypicalP { get; init; } = 1;

    /// <summary>Divides positive and multiplies negative logits of tokens that stand in the prompt or were generated (CTRL, arXiv 1909.05858), 0.01 to 100; 1 changes nothing. Default: 1.</summary>
    public double RepetitionPenalty { get; init; } = 1;

    /// <summary>Taken off the logit of every token that was generated already, -100 to 100. Default: 0.</summary>
    public double PresencePenalty { get; init; }

    /// <summary>Taken off the logit of a token once for every time it was generated already, -100 to 100. Default: 0.</summary>
    public double FrequencyPenalty { get; init; }

    /// <summary>Added to the logits of single tokens, -100 to 100 each; -100 as good as forbids one. Default: none.</summary>
    public IReadOnlyDictionary<int, double> LogitBias { get; init; } = FrozenDictionary<int, double>.Empty;

    /// <summary>Start of the random numbers: equal seeds give equal tokens. Default: null, which draws one.</summary>
    public ulong? Seed { get; init; }

    /// <exception cref="SettingError">A setting is out of range; it is named in snake_case.</exception>
    public void Validate()
    {
        Require(Temperature is >= 0 and <= 100, "temperature", "a number from 0 (greedy) to 100", Temperature);
        Require(TopK >= 0, "top_k", "0 (off) or a positive whole number", TopK);
        Require(TopP is > 0 and <= 1, "top_p", "a number above 0 and up to 1 (off)", TopP);
        Require(MinP is >= 0 and <= 1, "min_p", "a number from 0 (off) to 1", MinP);
        Require(TypicalP is > 0 and <= 1, "typical_p", "a number above 0 and up to 1 (off)", TypicalP);
        Require(RepetitionPenalty is >= 0.01 and <= 100, "repetition_penalty", "a number from 0.01 to 100, 1 for off", RepetitionPenalty);
        Require(PresencePenalty is >= -100 and <= 100, "presence_penalty", "a number from -100 to 100, 0 for off", PresencePenalty);
        Require(FrequencyPenalty is >= -100 and <= 100, "frequency_penalty", "a number from -100 to 100, 0 for off", FrequencyPenalty);
        foreach (double bias in LogitBias.Values)
        {
            Require(bias is >= -100 and <= 100, "logit_bias", "numbers from -100 to 100", bias);
        }
    }

    private static void Require(bool holds, string setting, string expected, double found)
    {
        if (!holds)
        {
            throw new SettingError(setting, FormattableString.Invariant($"expected {expected}, found {found}."));
        }
    }
}
