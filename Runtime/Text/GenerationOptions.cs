using Factory.Core;
using Factory.Runtime.Engine;

namespace Factory.Runtime;

/// <summary>How long a text is continued and how its tokens are chosen.</summary>
public sealed record GenerationOptions
{
    /// <summary>Most that <see cref="Choices"/> may ask for.</summary>
    public const int MaxChoices = 128;

    /// <summary>Tokens to generate at most; 0 only together with <see cref="Echo"/>. Default: 128.</summary>
    public int MaxNewTokens { get; init; } = 128;

    /// <summary>Tokens to generate before a stop string or a token that ends the text counts. Default: 0.</summary>
    public int MinNewTokens { get; init; }

    /// <summary>Strings that end the text before them; none of their characters is given out. Default: none.</summary>
    public IReadOnlyList<string> Stop { get; init; } = [];

    /// <summary>Tokens that end the text besides the model's own. Default: none.</summary>
    public IReadOnlyList<int> StopIds { get; init; } = [];

    /// <summary>Whether tokens that end texts are chosen like any other and end nothing. Default: false.</summary>
    public bool IgnoreEndOfText { get; init; }

    /// <summary>How tokens are chosen. Default: the likeliest.</summary>
    public SamplingOptions Sampling { get; init; } = new();

    /// <summary>Independent continuations of the same prompt; the seed of choice i is the seed plus i. 1 to 128. Default: 1.</summary>
    public int Choices { get; init; } = 1;

    /// <inheritdoc cref="InferenceRequest.LogProbabilities"/>
    public int? LogProbabilities { get; init; }

    /// <summary>Gives out the prompt's text first. Default: false.</summary>
    public bool Echo { get; init; }

    /// <inheritdoc cref="InferenceRequest.Priority"/>
    public RequestPriority Priority { get; init; } = RequestPriority.Interactive;

    /// <inheritdoc cref="SamplingOptions.Validate"/>
    public void Validate()
    {
        if (MaxNewTokens < (Echo ? 0 : 1))
        {
            throw new SettingError("max_new_tokens", $"expected a positive whole number, found {MaxNewTokens}.");
        }
        if (MinNewTokens < 0 || MinNewTokens > MaxNewTokens)
        {
            throw new SettingError("min_new_tokens", $"expected from 0 to {MaxNewTokens} (max_new_tokens), found {MinNewTokens}.");
        }
        if (Choices is < 1 or > MaxChoices)
        {
            throw new SettingError("n", $"expected from 1 to {MaxChoices} choices, found {Choices}.");
        }
        if (Stop.Any(text => text.Length == 0))
        {
            throw new SettingError("stop", "expected strings with at least one character, found an empty one.");
        }
        Sampling.Validate();
    }
}
