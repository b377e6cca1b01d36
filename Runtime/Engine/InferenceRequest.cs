using Factory.Core;

namespace Factory.Runtime.Engine;

/// <summary>Token ids to continue, and how.</summary>
public sealed record InferenceRequest
{
    /// <summary>Most that <see cref="LogProbabilities"/> may ask for.</summary>
    public const int MaxLogProbabilities = 100;

    /// <summary>At least one token.</summary>
    public required IReadOnlyList<int> PromptIds { get; init; }

    /// <summary>Tokens to generate at most; 0 only together with <see cref="Echo"/>. Default: 128.</summary>
    public int MaxNewTokens { get; init; } = 128;

    /// <summary>Tokens to generate before one of <see cref="StopIds"/> may be chosen. Default: 0.</summary>
    public int MinNewTokens { get; init; }

    /// <summary>Tokens that end the text; the one met is given out as the last. Default: none.</summary>
    public IReadOnlyList<int> StopIds { get; init; } = [];

    /// <summary>How tokens are chosen. Default: the likeliest.</summary>
    public SamplingOptions Sampling { get; init; } = new();

    /// <summary>null for no log-probabilities; 0 for those of the tokens given out; N for those of the N likeliest too. Default: null.</summary>
    public int? LogProbabilities { get; init; }

    /// <summary>Gives out the prompt's tokens first; with <see cref="LogProbabilities"/>, also theirs. Default: false.</summary>
    public bool Echo { get; init; }

    /// <summary>Default: interactive.</summary>
    public RequestPriority Priority { get; init; } = RequestPriority.Interactive;

    /// <param name="vocabularySize">Of the model.</param>
    /// <param name="capacity">Tokens that one sequence may have.</param>
    /// <exception cref="SettingError">A setting is out of range; it is named in snake_case.</exception>
    public void Validate(int vocabularySize, int capacity)
    {
        Sampling.Validate();
        int least = Echo ? 0 : 1;
        int room = MaxNewTokens == 0 ? capacity : capacity - 1;
        Require(PromptIds.Count >= 1 && PromptIds.Count <= room, "prompt", $"from 1 to {room} tokens (the context window holds {capacity})", PromptIds.Count);
        Require(MaxNewTokens >= least, "max_new_tokens", least == 0 ? "0 or a positive whole number" : "a positive whole number", MaxNewTokens);
        Require(MinNewTokens >= 0 && MinNewTokens <= MaxNewTokens, "min_new_tokens", $"from 0 to {MaxNewTokens} (max_new_tokens)", MinNewTokens);
        Require(LogProbabilities is null or (>= 0 and <= MaxLogProbabilities), "logprobs", $"from 0 to {MaxLogProbabilities}", LogProbabilities ?? 0);
        RequireIds("prompt", PromptIds);
        RequireIds("stop_ids", StopIds);
        RequireIds("logit_bias", Sampling.LogitBias.Keys);

        void RequireIds(string setting, IEnumerable<int> ids)
        {
            foreach (int id in ids)
            {
                Require(id >= 0 && id < vocabularySize, setting, $"token ids from 0 to {vocabularySize - 1}", id);
            }
        }
    }

    private static void Require(bool holds, string setting, string expected, long found)
    {
        if (!holds)
        {
            throw new SettingError(setting, FormattableString.Invariant($"expected {expected}, found {found}."));
        }
    }
}
