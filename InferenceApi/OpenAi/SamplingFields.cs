using System.ComponentModel;
using Factory.InferenceApi.Problems;
using Factory.InferenceApi.Validation;
using Factory.Runtime;

namespace Factory.InferenceApi.OpenAi;

/// <summary>What completions and chat completions have in common: which model, and how its tokens are chosen. The names are OpenAI's; those it does not know are vLLM's.</summary>
public abstract class SamplingFields
{
    /// <summary>Name of a served model (GET /v1/models).</summary>
    [Given("a string of well-formed Unicode")]
    public string? Model { get; set; }

    /// <summary>Divides the logits before sampling; 0 takes the likeliest token each time.</summary>
    [Within(0.0, 100.0), DefaultValue(1.0)]
    public double? Temperature { get; set; }

    /// <summary>Samples among the likeliest tokens that together have this probability; 1 for all.</summary>
    [Within(0.0, 1.0, MinimumIsExclusive = true), DefaultValue(1.0)]
    public double? TopP { get; set; }

    /// <summary>Samples among the k likeliest tokens; 0 for all.</summary>
    [Within(0, int.MaxValue), DefaultValue(0)]
    public int? TopK { get; set; }

    /// <summary>Samples among tokens with at least this share of the likeliest token's probability; 0 for all.</summary>
    [Within(0.0, 1.0), DefaultValue(0.0)]
    public double? MinP { get; set; }

    /// <summary>Divides the logits of tokens that stand in the text already; 1 changes nothing.</summary>
    [Within(0.01, 100.0), DefaultValue(1.0)]
    public double? RepetitionPenalty { get; set; }

    /// <summary>Taken off the logit of every token that was generated already.</summary>
    [Within(-2.0, 2.0), DefaultValue(0.0)]
    public double? PresencePenalty { get; set; }

    /// <summary>Taken off the logit of a token once for every time it was generated already.</summary>
    [Within(-2.0, 2.0), DefaultValue(0.0)]
    public double? FrequencyPenalty { get; set; }

    /// <summary>Added to the logits of single tokens: token id to a number from -100 to 100.</summary>
    [Biases]
    public Dictionary<string, double>? LogitBias { get; set; }

    /// <summary>Makes sampling repeatable; choice i uses the seed plus i.</summary>
    public ulong? Seed { get; set; }

    /// <summary>Up to 16 strings that end the text; the one found is not part of the answer.</summary>
    public TextList? Stop { get; set; }

    /// <summary>Tokens that end the text besides the model's own.</summary>
    [Items(0, 256)]
    public int[]? StopTokenIds { get; set; }

    /// <summary>true: the text goes on behind tokens that end texts.</summary>
    [DefaultValue(false)]
    public bool? IgnoreEos { get; set; }

    /// <summary>Tokens to generate before anything may end the text.</summary>
    [Within(0, int.MaxValue), DefaultValue(0)]
    public int? MinTokens { get; set; }

    /// <summary>Independent continuations of each prompt.</summary>
    [Within(1, CompletionRequest.MostChoices), DefaultValue(1)]
    public int? N { get; set; }

    /// <summary>true: server-sent events, one per piece of text, then [DONE].</summary>
    [DefaultValue(false)]
    public bool? Stream { get; set; }

    /// <summary>What a stream says besides.</summary>
    public StreamOptions? StreamOptions { get; set; }

    /// <summary>Whose request it is; not looked at.</summary>
    public string? User { get; set; }

    /// <summary>The options for the model, without lengths and log-probabilities.</summary>
    internal GenerationOptions Options(TextEngine engine)
    {
        int vocabulary = engine.Engine.Model.Bundle.Architecture.VocabularySize;
        if (StopTokenIds?.FirstOrDefault(id => id < 0 || id >= vocabulary, -1) is int stranger and not -1 || StopTokenIds?.Contains(-1) == true)
        {
            throw Problem.Field("stop_token_ids", $"expected token ids from 0 to {vocabulary - 1}, found another.");
        }
        return new GenerationOptions
        {
            MinNewTokens = MinTokens ?? 0,
            Stop = Stop?.Texts ?? [],
            StopIds = StopTokenIds ?? [],
            IgnoreEndOfText = IgnoreEos ?? false,
            Sampling = new SamplingOptions
            {
                Temperature = Temperature ?? 1,
                TopP = TopP ?? 1,
                TopK = TopK ?? 0,
                MinP = MinP ?? 0,
                RepetitionPenalty = RepetitionPenalty ?? 1,
                PresencePenalty = PresencePenalty ?? 0,
                FrequencyPenalty = FrequencyPenalty ?? 0,
                LogitBias = (LogitBias ?? []).ToDictionary(bias => Id(bias.Key, vocabulary), bias => bias.Value),
                Seed = Seed,
            },
        };
    }

    private static int Id(string text, int vocabulary) => int.TryParse(text, System.Globalization.NumberStyles.None, null, out int id) && id < vocabulary ? id
        : throw Problem.Field("logit_bias", $"expected token ids from 0 to {vocabulary - 1}, found '{JsonWords.Shorten(text)}'.");
}
