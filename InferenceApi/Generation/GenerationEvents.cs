using Factory.Runtime;

namespace Factory.InferenceApi.Generation;

/// <summary>Data of a <c>text</c> event: the next piece of the continuation, whole characters only.</summary>
internal sealed record GeneratedText(string Text);

/// <summary>Data of the <c>end</c> event, the last of a stream: what <see cref="GenerateAnswer"/> says besides the text.</summary>
internal sealed record GenerationEnd(FinishReason FinishReason, int PromptTokens, int GeneratedTokens, ulong? Seed, GenerationTimings Timings);
