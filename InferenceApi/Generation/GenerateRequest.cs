using System.ComponentModel;
using Factory.InferenceApi.Validation;

namespace Factory.InferenceApi.Generation;

/// <summary>What to continue and how. Only the prompt must be given.</summary>
public sealed class GenerateRequest
{
    public const int DefaultNewTokens = 128;
    public const double DefaultTemperature = 0.8;
    public const double DefaultTopP = 0.95;

    /// <summary>Text to continue. It must leave room in the context window; it may be empty where the tokenizer has a token that opens a text.</summary>
    [Given("a string of well-formed Unicode")]
    public string? Prompt { get; set; }

    /// <summary>Most tokens to generate, up to the model's context length. Default: 128, or the context length where that is smaller.</summary>
    [Within(1, int.MaxValue)]
    public int? MaxNewTokens { get; set; }

    /// <summary>Divides the logits before sampling. 0 takes the likeliest token each time (greedy), so that equal requests get equal answers.</summary>
    [Within(0.0, 100.0), DefaultValue(DefaultTemperature)]
    public double? Temperature { get; set; }

    /// <summary>Samples among the k likeliest tokens; 0 for all.</summary>
    [Within(0, int.MaxValue), DefaultValue(0)]
    public int? TopK { get; set; }

    /// <summary>Samples among the likeliest tokens that together have this probability (nucleus sampling); 1 for all.</summary>
    [Within(0.0, 1.0, MinimumIsExclusive = true), DefaultValue(DefaultTopP)]
    public double? TopP { get; set; }

    /// <summary>Samples among tokens with at least this share of the likeliest token's probability; 0 for all.</summary>
    [Within(0.0, 1.0), DefaultValue(0.0)]
    public double? MinP { get; set; }

    /// <summary>Above 1 makes tokens that already stand in the text less likely, below 1 more likely; 1 changes nothing.</summary>
    [Within(0.01, 100.0), DefaultValue(1.0)]
    public double? RepetitionPenalty { get; set; }

    /// <summary>Makes sampling repeatable. Without one the server draws one and the answer names it.</summary>
    public ulong? Seed { get; set; }

    /// <summary>Up to 16 strings that end the text; the one found is not part of the answer.</summary>
    [Items(0, 16, MinLength = 1, MaxLength = 256)]
    public string[]? Stop { get; set; }

    /// <summary>true: server-sent events, one per piece of text, instead of one JSON answer.</summary>
    [DefaultValue(false)]
    public bool? Stream { get; set; }

    /// <summary>true: a control token spelt out in the prompt ("&lt;/s&gt;") is that token; false: it is the characters it is made of.</summary>
    [DefaultValue(false)]
    public bool? ParseSpecial { get; set; }

    /// <summary>Name of a served model (GET /models). Default: the one that the server was started with.</summary>
    public string? Model { get; set; }
}
