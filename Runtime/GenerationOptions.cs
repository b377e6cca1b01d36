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
        SamplingOptions.Require(MaxNewTokens > 0, nameof(MaxNewTokens), MaxNewTokens, "a positive whole number");
        SamplingOptions.Require(Stop.All(text => text.Length > 0), nameof(Stop), "an empty one", "strings with at least one character");
        Sampling.Validate();
    }
}
