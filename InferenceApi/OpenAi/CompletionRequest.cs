using System.ComponentModel;
using Factory.InferenceApi.Validation;

namespace Factory.InferenceApi.OpenAi;

/// <summary>What to continue and how, as OpenAI's /v1/completions takes it.</summary>
public sealed class CompletionRequest : SamplingFields
{
    public const int MostChoices = 128;
    public const int DefaultTokens = 16;

    /// <summary>A string, a list of strings, token ids, or a list of lists of token ids.</summary>
    [Given("a string, a list of strings or token ids")]
    public CompletionPrompt? Prompt { get; set; }

    /// <summary>Most tokens to generate; 0 only together with echo. Default: 16, or as many as the context window has room for.</summary>
    [Within(0, int.MaxValue)]
    public int? MaxTokens { get; set; }

    /// <summary>true: the answer starts with the prompt, and its log-probabilities with the prompt's.</summary>
    [DefaultValue(false)]
    public bool? Echo { get; set; }

    /// <summary>Log-probabilities of the tokens given out and of this many likeliest ones at each place.</summary>
    [Within(0, 100)]
    public int? Logprobs { get; set; }

    /// <summary>Generates this many and answers the n likeliest (by log-probability per token). Default: n.</summary>
    [Within(1, MostChoices)]
    public int? BestOf { get; set; }

    /// <summary>Must be empty: the models continue, they do not fill in.</summary>
    public string? Suffix { get; set; }

    /// <summary>false: no tokens that open a text (BOS) in front of strings.</summary>
    [DefaultValue(true)]
    public bool? AddSpecialTokens { get; set; }

    /// <summary>false: control tokens spelt out in strings are the characters they are made of.</summary>
    [DefaultValue(true)]
    public bool? ParseSpecial { get; set; }
}
