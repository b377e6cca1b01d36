using Factory.Runtime;

namespace Factory.InferenceApi.Generation;

/// <summary>A whole continuation.</summary>
internal sealed record GenerateAnswer
{
    /// <summary>The continuation, without the prompt.</summary>
    public required string Text { get; init; }

    /// <summary>length: max_new_tokens were generated; stop: a stop string or the end of the text; context: the context window is full.</summary>
    public required FinishReason FinishReason { get; init; }

    /// <summary>Tokens of the prompt, with the one that opens a text where the tokenizer has it.</summary>
    public required int PromptTokens { get; init; }

    public required int GeneratedTokens { get; init; }

    /// <summary>Repeats this answer; null for greedy decoding, which needs none.</summary>
    public required ulong? Seed { get; init; }

    public required GenerationTimings Timings { get; init; }
}
