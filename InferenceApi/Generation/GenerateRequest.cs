using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Factory.InferenceApi.Generation;

/// <summary>What to continue and how. Only the prompt must be given.</summary>
internal sealed class GenerateRequest
{
    public const int DefaultNewTokens = 128;

    /// <summary>Text to continue. It must leave room in the context window; it may be empty where the tokenizer has a token that opens a text.</summary>
    [JsonRequired]
    public string Prompt { get; set; } = "";

    /// <summary>Most tokens to generate, up to the model's context length. Default: 128, or the context length where that is smaller.</summary>
    [Range(1, int.MaxValue)]
    public int? MaxNewTokens { get; set; }

    /// <summary>Divides the logits before sampling. 0 takes the likeliest token each time (greedy), so that equal requests get equal answers.</summary>
    [Range(0.0, 100.0), DefaultValue(0.8)]
    public double Temperature { get; set; } = 0.8;

    /// <summary>Samples among the k likeliest tokens; 0 for all.</summary>
    [Range(0, int.MaxValue), DefaultValue(0)]
    public int TopK { get; set; }

    /// <summary>Samples among the likeliest tokens that together have this probability (nucleus sampling); 1 for all.</summary>
    [Range(0.0, 1.0, MinimumIsExclusive = true), DefaultValue(0.95)]
    public double TopP { get; set; } = 0.95;

    /// <summary>Samples among tokens with at least this share of the likeliest token's probability; 0 for all.</summary>
    [Range(0.0, 1.0), DefaultValue(0.0)]
    public double MinP { get; set; }

    /// <summary>Above 1 makes tokens that already stand in the text less likely, below 1 more likely; 1 changes nothing.</summary>
    [Range(0.01, 100.0), DefaultValue(1.0)]
    public double RepetitionPenalty { get; set; } = 1;

    /// <summary>Makes sampling repeatable. Without one the server draws one and the answer names it.</summary>
    public ulong? Seed { get; set; }

    /// <summary>Up to 16 strings that end the text; the one found is not part of the answer.</summary>
    public string[] Stop { get; set; } = [];

    /// <summary>true: server-sent events, one per piece of text, instead of one JSON answer.</summary>
    [DefaultValue(false)]
    public bool Stream { get; set; }
}
