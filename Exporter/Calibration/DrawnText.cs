using Factory.Core.Architecture;
using Factory.Exporter.Reports;
using Factory.Runtime;

namespace Factory.Exporter.Calibration;

/// <summary>Text that the model itself writes: what it was made for, whatever that is, with no file and no tokenizer needed. The same for the same model.</summary>
internal static class DrawnText
{
    private const int MaxTime = 256;

    /// <summary>Sequences drawn at temperature 1, each from the model's BOS, or EOS, or token 0.</summary>
    /// <param name="first">Number of the first sequence: others than those of another call give other text.</param>
    /// <param name="sequenceDone">Called after each sequence with the number done.</param>
    public static TextSample Draw(LanguageModel model, int first, int count, Action<int> sequenceDone, CancellationToken cancellationToken)
    {
        LlamaArchitecture architecture = model.Bundle.Architecture;
        int time = Math.Min(MaxTime, architecture.MaxPositions);
        int start = architecture.BosTokenId ?? (architecture.EosTokenIds is [int eos, ..] ? eos : 0);
        List<int[]> sequences = [];
        for (int i = first; i < first + count; i++)
        {
            var sampler = new Sampler(new SamplingOptions { Temperature = 1, Seed = (ulong)i });
            using KvCache cache = model.NewCache(time);
            var ids = new int[time];
            ids[0] = start;
            for (int position = 1; position < time; position++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                // A text that ends is followed by another one, as in training.
                ids[position] = sampler.Next(model.Append(cache, [ids[position - 1]]));
            }
            sequences.Add(ids);
            sequenceDone(sequences.Count);
        }
        return new TextSample($"text drawn from the model itself ({count} sequences of {time} tokens)", sequences);
    }

    /// <summary>How many sequences are worth their time: 16 for a small model, fewer for a slow one.</summary>
    public static int Count(LlamaArchitecture architecture) => (int)Math.Clamp(2_000_000_000 / architecture.Parameters.TotalCount, 2, 16);
}
