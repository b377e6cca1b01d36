using Factory.Trainer.Tokens;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Training;

/// <summary>Training sequences as tensors. Which ones come depends only on the seed and on how many were taken, so that a run can go on anywhere.</summary>
public sealed class TrainingBatches(TokenSplit tokens, TrainingOptions options, Device device)
{
    private readonly BatchSampler _sampler = new(tokens.Count, options.SequenceLength, options.Seed);

    /// <summary>The micro-batches of one update.</summary>
    /// <param name="firstSequence">How many sequences were taken before.</param>
    /// <returns>Ids and the tokens that follow them, each (microBatch, time), int64.</returns>
    public List<(Tensor Ids, Tensor Targets)> At(long firstSequence)
    {
        var starts = new long[options.BatchSize];
        _sampler.Windows(firstSequence, starts);
        return [.. starts.Chunk(options.MicroBatchSize).Select(chunk => Rows(tokens, chunk, options.SequenceLength, device))];
    }

    /// <summary>Windows of <paramref name="time"/> + 1 tokens, split into ids and the tokens that follow them, each (windows, time).</summary>
    internal static (Tensor Ids, Tensor Targets) Rows(TokenSplit tokens, IReadOnlyList<long> starts, int time, Device device)
    {
        int width = time + 1;
        var values = new long[starts.Count * width];
        for (int row = 0; row < starts.Count; row++)
        {
            tokens.Read(starts[row], values.AsSpan(row * width, width));
        }
        Tensor rows = tensor(values, [starts.Count, width]).to(device);
        return (rows.narrow(1, 0, time), rows.narrow(1, 1, time));
    }
}
