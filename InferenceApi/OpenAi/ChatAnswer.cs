using System.Text.Json.Serialization;

namespace Factory.InferenceApi.OpenAi;

/// <summary>Answers to a conversation.</summary>
/// <param name="Id">Names the answer.</param>
/// <param name="Object">Always "chat.completion".</param>
/// <param name="Created">Seconds since 1970.</param>
/// <param name="Model">Which model wrote it.</param>
/// <param name="Choices">The n answers.</param>
/// <param name="Usage">How many tokens.</param>
internal sealed record ChatAnswer(string Id, string Object, long Created, string Model, IReadOnlyList<ChatChoice> Choices, TokenUsage Usage);

/// <summary>One answer.</summary>
/// <param name="Index">Which of the n.</param>
/// <param name="Message">What was said.</param>
/// <param name="Logprobs">Log-probabilities, if asked for.</param>
/// <param name="FinishReason">length, or stop: a stop string or the end of the answer.</param>
internal sealed record ChatChoice(int Index, ChatReply Message, ChatLogprobs? Logprobs, string? FinishReason);

/// <summary>What the model said.</summary>
/// <param name="Role">Always "assistant".</param>
/// <param name="Content">The text.</param>
/// <param name="Refusal">Always null.</param>
internal sealed record ChatReply(string Role, string Content, string? Refusal = null);

/// <summary>A piece of a streamed answer.</summary>
/// <param name="Id">The same for all pieces.</param>
/// <param name="Object">Always "chat.completion.chunk".</param>
/// <param name="Created">Seconds since 1970.</param>
/// <param name="Model">Which model wrote it.</param>
/// <param name="Choices">The pieces; none in the event with the usage.</param>
/// <param name="Usage">How many tokens, in the last event, if asked for.</param>
internal sealed record ChatChunk(string Id, string Object, long Created, string Model, IReadOnlyList<ChatChunkChoice> Choices, TokenUsage? Usage);

/// <summary>A piece of one answer.</summary>
internal sealed record ChatChunkChoice(int Index, ChatDelta Delta, ChatLogprobs? Logprobs, string? FinishReason);

/// <summary>What a piece adds.</summary>
internal sealed record ChatDelta(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Role,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Content);

/// <summary>Log-probabilities of an answer's tokens.</summary>
/// <param name="Content">One entry a token.</param>
/// <param name="Refusal">Always null.</param>
internal sealed record ChatLogprobs(IReadOnlyList<ChatTokenLogprob> Content, IReadOnlyList<ChatTokenLogprob>? Refusal = null);

/// <summary>One token of an answer.</summary>
/// <param name="Token">Its text.</param>
/// <param name="Logprob">ln p(token | all before it).</param>
/// <param name="Bytes">Its text in UTF-8.</param>
/// <param name="TopLogprobs">The likeliest tokens at its place.</param>
internal sealed record ChatTokenLogprob(string Token, float Logprob, IReadOnlyList<int> Bytes, IReadOnlyList<ChatTopLogprob> TopLogprobs);

/// <summary>One of the likeliest tokens at a place.</summary>
/// <param name="Token">Its text.</param>
/// <param name="Logprob">ln p(token | all before it).</param>
/// <param name="Bytes">Its text in UTF-8.</param>
internal sealed record ChatTopLogprob(string Token, float Logprob, IReadOnlyList<int> Bytes);
