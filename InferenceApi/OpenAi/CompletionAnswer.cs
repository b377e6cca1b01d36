namespace Factory.InferenceApi.OpenAi;

/// <summary>Continuations, whole or (streamed) the next piece of one.</summary>
/// <param name="Id">Names the answer; all pieces of a stream have the same.</param>
/// <param name="Object">Always "text_completion".</param>
/// <param name="Created">Seconds since 1970.</param>
/// <param name="Model">Which model wrote it.</param>
/// <param name="Choices">The continuations, n for each prompt.</param>
/// <param name="Usage">How many tokens; in a stream only in its last event, if asked for.</param>
internal sealed record CompletionAnswer(string Id, string Object, long Created, string Model, IReadOnlyList<CompletionChoice> Choices, TokenUsage? Usage);

/// <summary>One continuation.</summary>
/// <param name="Index">Choice of prompt: prompt times n, plus which of the n.</param>
/// <param name="Text">The text.</param>
/// <param name="Logprobs">Log-probabilities, if asked for.</param>
/// <param name="FinishReason">length, or stop: a stop string or the end of the text. null before a stream's end.</param>
internal sealed record CompletionChoice(int Index, string Text, CompletionLogprobs? Logprobs, string? FinishReason);

/// <summary>Log-probabilities (natural) of a text's tokens, one entry a token.</summary>
/// <param name="TextOffset">Where each token's text starts in the answer, in Unicode code points, as Python counts.</param>
/// <param name="TokenLogprobs">ln p(token | all before it); null for the first token of a prompt.</param>
/// <param name="Tokens">Each token's own text.</param>
/// <param name="TopLogprobs">The likeliest tokens at each place and the token itself; null for the first token of a prompt.</param>
internal sealed record CompletionLogprobs(
    IReadOnlyList<int> TextOffset, IReadOnlyList<float?> TokenLogprobs, IReadOnlyList<string> Tokens, IReadOnlyList<IReadOnlyDictionary<string, float>?> TopLogprobs);

/// <summary>Counts of tokens.</summary>
/// <param name="PromptTokens">Of all prompts.</param>
/// <param name="CompletionTokens">Generated, also those of choices that best_of left out.</param>
/// <param name="TotalTokens">Both.</param>
internal sealed record TokenUsage(int PromptTokens, int CompletionTokens, int TotalTokens)
{
    public static TokenUsage From(int prompt, int completion) => new(prompt, completion, prompt + completion);
}
