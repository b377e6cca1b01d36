using System.Text.Json.Serialization;

namespace Factory.Evals.Models.Http;

/// <summary>POST /v1/completions, as far as evaluations need it.</summary>
/// <param name="Prompt">Token ids.</param>
/// <param name="Logprobs">How many of the likeliest tokens are listed beside each; null: none.</param>
/// <param name="Echo">Whether the prompt's own tokens come back with their log-probabilities.</param>
internal sealed record CompletionRequest(string Model, object Prompt, int MaxTokens, double Temperature, int? Logprobs = null, bool? Echo = null, IReadOnlyList<string>? Stop = null);

internal sealed record CompletionResponse(IReadOnlyList<CompletionChoice> Choices);

internal sealed record CompletionChoice(string Text, CompletionLogprobs? Logprobs);

/// <param name="TokenLogprobs">ln p of each token; null for the first, which nothing precedes.</param>
/// <param name="TopLogprobs">The likeliest tokens at each place.</param>
/// <param name="TextOffset">Where each token begins in the text.</param>
internal sealed record CompletionLogprobs(
    IReadOnlyList<double?> TokenLogprobs, IReadOnlyList<IReadOnlyDictionary<string, double?>?>? TopLogprobs, IReadOnlyList<int>? TextOffset);

internal sealed record ModelsResponse(IReadOnlyList<ServedModelEntry> Data);

/// <param name="MaxModelLen">The context window, where a server says it.</param>
internal sealed record ServedModelEntry(string Id, int? MaxModelLen);

/// <summary>What a Factory server's /models says.</summary>
internal sealed record FactoryModelsResponse(IReadOnlyList<FactoryModelEntry> Models);

internal sealed record FactoryModelEntry(string Name, int ContextLength, string ContentHash, string? NormScheme, string? Provider);

/// <summary>A Factory server's POST /score.</summary>
internal sealed record ScoreRequest(string Model, IReadOnlyList<ScoreQuestion> Items);

/// <param name="Context">null: the whole text is scored.</param>
internal sealed record ScoreQuestion(string? Context, string Continuation);

internal sealed record ScoreResponse(IReadOnlyList<TextScore> Scores);

/// <param name="IsGreedy">null for whole texts.</param>
internal sealed record TextScore(double LogLikelihood, bool? IsGreedy, int Tokens);

internal sealed record TokenizeRequest(string Model, string Prompt, bool AddSpecialTokens);

internal sealed record TokenizeResponse(IReadOnlyList<int> Tokens);

/// <param name="AddBosToken">null: yes, where there is a BOS token.</param>
internal sealed record TokenizerInfoResponse(
    [property: JsonConverter(typeof(TokenText))] string? BosToken,
    [property: JsonConverter(typeof(TokenText))] string? EosToken,
    [property: JsonConverter(typeof(TokenText))] string? UnkToken,
    [property: JsonConverter(typeof(TokenText))] string? PadToken,
    string? ChatTemplate,
    bool? AddBosToken);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CompletionRequest))]
[JsonSerializable(typeof(int[]))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(CompletionResponse))]
[JsonSerializable(typeof(ModelsResponse))]
[JsonSerializable(typeof(FactoryModelsResponse))]
[JsonSerializable(typeof(ScoreRequest))]
[JsonSerializable(typeof(ScoreResponse))]
[JsonSerializable(typeof(TokenizeRequest))]
[JsonSerializable(typeof(TokenizeResponse))]
[JsonSerializable(typeof(TokenizerInfoResponse))]
internal sealed partial class CompletionsJson : JsonSerializerContext;
