using System.Diagnostics;
using Factory.Runtime;
using Factory.Runtime.Engine;

namespace Factory.Bench.Inference;

/// <summary>Several sequences through the engine, as a server's requests go: prefill, sampling, channels and readers included.</summary>
internal static class DecodeTogether
{
    // Short: attention grows with the positions, and 32 rows are some 16 apart on average.
    private const int Prompt = 4;
    private const int WarmUp = 4;

    /// <summary>Adds the rate of all rows together, over the time in which all of them are decoded.</summary>
    /// <param name="tokens">Tokens of each row in that time.</param>
    public static void Measure(LanguageModel model, int rows, int tokens, Rates rates)
    {
        // Prompts are taken in one after the other, so the first row is `rows` tokens ahead when the last one starts.
        int length = rows + WarmUp + tokens;
        using var engine = new InferenceEngine(model, new EngineOptions { MaxSequences = rows, MaxSequenceTokens = Prompt + length, PrefixCache = false });
        int vocabulary = model.Bundle.Architecture.VocabularySize;
        long[][] times = Task.WhenAll(Enumerable.Range(0, rows).Select(row => TimesAsync(engine, Prompts.Create(Prompt, vocabulary, row), length))).GetAwaiter().GetResult();
        long begin = times.Max(row => row[WarmUp - 1]);
        long end = times.Min(row => row[^1]);
        rates.Add(times.Sum(row => row.Count(time => time > begin && time <= end)), Stopwatch.GetElapsedTime(begin, end));
    }

    private static async Task<long[]> TimesAsync(InferenceEngine engine, int[] prompt, int tokens)
    {
        List<long> times = new(tokens);
        await foreach (TokenDelta _ in engine.SubmitAsync(new InferenceRequest { PromptIds = prompt, MaxNewTokens = tokens }).ConfigureAwait(false))
        {
            times.Add(Stopwatch.GetTimestamp());
        }
        return [.. times];
    }
}
