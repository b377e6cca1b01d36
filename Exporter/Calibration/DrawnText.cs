using Factory.Core.Architecture;
using Factory.Exporter.Reports;
using Factory.Runtime;
using Factory.Runtime.Engine;

namespace Factory.Exporter.Calibration;

/// <summary>Text that the model itself writes: what it was made for, whatever that is, with no file and no tokenizer needed. The same for the same model.</summary>
internal static class DrawnText
{
    private const int MaxTime = 256;

    /// <summary>Sequences drawn at temperature 1, all together, each from the model's BOS, or EOS, or token 0.</summary>
    /// <param name="first">Number of the first sequence: others than those of another call give other text.</param>
    /// <param name="drawn">Called with the tokens drawn and those in all.</param>
    public static TextSample Draw(LanguageModel model, int first, int count, Action<int, int> drawn, CancellationToken cancellationToken)
    {
        LlamaArchitecture architecture = model.Bundle.Architecture;
        int time = Math.Min(MaxTime, architecture.MaxPositions);
        int start = architecture.BosTokenId ?? (architecture.EosTokenIds is [int eos, ..] ? eos : 0);
        using var engine = new InferenceEngine(model, new EngineOptions { MaxSequences = count, MaxSequenceTokens = time, PrefixCache = false });
        int done = 0;
        int[][] sequences = Task.WhenAll(Enumerable.Range(first, count).Select(DrawAsync)).GetAwaiter().GetResult();
        return new TextSample($"text drawn from the model itself ({count} sequences of {time} tokens)", sequences);

        async Task<int[]> DrawAsync(int seed)
        {
            // A text that ends is followed by another one, as in training: no token stops it.
            var request = new InferenceRequest { PromptIds = [start], MaxNewTokens = time - 1, Sampling = new SamplingOptions { Temperature = 1, Seed = (ulong)seed } };
            List<int> ids = [start];
            await foreach (TokenDelta token in engine.SubmitAsync(request, cancellationToken).ConfigureAwait(false))
            {
                ids.Add(token.TokenId);
                drawn(Interlocked.Increment(ref done), count * (time - 1));
            }
            return [.. ids];
        }
    }

    /// <summary>How many sequences are worth their time: 16 for a small model, fewer for a slow one.</summary>
    public static int Count(LlamaArchitecture architecture) => (int)Math.Clamp(2_000_000_000 / architecture.Parameters.TotalCount, 2, 16);
}
