using System.ComponentModel;

namespace Factory.InferenceApi.OpenAi;

/// <summary>What a stream says besides its text.</summary>
public sealed class StreamOptions
{
    /// <summary>true: a last event with no choices tells how many tokens were read and generated.</summary>
    [DefaultValue(false)]
    public bool? IncludeUsage { get; set; }

    /// <summary>Whether events are padded to one size; they never are.</summary>
    public bool? IncludeObfuscation { get; set; }
}
