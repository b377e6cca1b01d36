using CsCheck;
using Factory.Core.Architecture;
using Factory.Runtime.Engine;

namespace Factory.Runtime.Tests.Engine;

/// <summary>Requests of every kind for a tiny model: lengths, samplers, seeds, stops, shared beginnings.</summary>
internal static class RandomRequests
{
    // Prompts begin with one of a few texts, so that the prefix cache has something to find.
    private static readonly int[][] Beginnings = [[], [.. Range(12)], [.. Range(20)], [.. Range(12).Reverse()]];

    private static readonly LlamaArchitecture Model = TestModel.Tiny;

    /// <summary>The same ones for a seed.</summary>
    public static InferenceRequest[] Fixed(int count, uint seed) =>
        [.. Enumerable.Range(0, count).Select(i => Requests.Generate(new PCG(1, seed + (uint)i), null, out Size _)!)];

    public static Gen<InferenceRequest> Requests { get; } =
        from beginning in Gen.Int[0, Beginnings.Length - 1]
        from rest in Gen.Int[0, Model.VocabularySize - 1].Array[1, 20]
        from count in Gen.Int[1, 30]
        from minimum in Gen.Int[0, 3]
        from stop in Gen.Int[0, Model.VocabularySize - 1].Array[0, 3]
        from sampling in Sampling
        from priority in Gen.Bool
        select new InferenceRequest
        {
            PromptIds = [.. Beginnings[beginning], .. rest],
            MaxNewTokens = count,
            MinNewTokens = Math.Min(minimum, count),
            StopIds = stop,
            Sampling = sampling,
            Priority = priority ? RequestPriority.Batch : RequestPriority.Interactive,
        };

    private static Gen<SamplingOptions> Sampling =>
        from temperature in Gen.OneOf(0.0, 0.0, 0.7, 1.0, 3.0)
        from topK in Gen.OneOf(0, 5, 40)
        from topP in Gen.OneOf(1.0, 0.9)
        from minP in Gen.OneOf(0.0, 0.05)
        from typical in Gen.OneOf(1.0, 0.8)
        from repetition in Gen.OneOf(1.0, 1.3)
        from presence in Gen.OneOf(0.0, 0.5)
        from seed in Gen.ULong
        select new SamplingOptions
        {
            Temperature = temperature,
            TopK = topK,
            TopP = topP,
            MinP = minP,
            TypicalP = typical,
            RepetitionPenalty = repetition,
            PresencePenalty = presence,
            FrequencyPenalty = presence / 2,
            Seed = seed,
        };

    private static IEnumerable<int> Range(int count) => Enumerable.Range(0, count).Select(i => i * 7 % TestModel.Tiny.VocabularySize);
}
