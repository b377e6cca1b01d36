using Factory.Core;

namespace Factory.Runtime;

/// <summary>How long a text is continued and how its tokens are chosen.</summary>
public sealed record GenerationOptions
{
    public int MaxNewTokens { get; init; } = 128;

    /// <summary>Strings that end the text before them; none of their characters is given out.</summary>
    public IReadOnlyList<string> Stop { get; init; } = [];

    public SamplingOptions Sampling { get; init; } = new();

    /// <inheritdoc cref="SamplingOptions.Validate"/>
    public void Validate()
    {
        if (MaxNewTokens <= 0)
        {
            throw new SettingError("max_new_tokens", $"expected a positive whole number, found {MaxNewTokens}.");
        }
        if (Stop.Any(text => text.Length == 0))
        {
            throw new SettingError("stop", "expected strings with at least one character, found an empty one.");
        }
        Sampling.Validate();
    }
}
