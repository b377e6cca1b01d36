using Factory.Core;
using Factory.Core.Numbers;

namespace Factory.Trainer.Tokens;

/// <summary>
/// Which windows of a token split are trained on, and in which order. Each epoch cuts the split into neighbouring windows, from an offset of its
/// own, and visits each once in an order of its own. Everything follows from the seed and a sequence's number, counted from the start of the run,
/// so that resuming needs no other state.
/// </summary>
public sealed class BatchSampler
{
    private readonly int _sequenceLength;
    private readonly ulong _seed;
    private readonly long _offsets;

    /// <param name="tokenCount">Tokens in the split.</param>
    /// <param name="sequenceLength">Tokens predicted per window; a window holds one more, since each token's target is the next.</param>
    /// <param name="seed">Same seed, same order.</param>
    /// <exception cref="UserError">The split is shorter than one window.</exception>
    public BatchSampler(long tokenCount, int sequenceLength, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(sequenceLength);
        if (tokenCount <= sequenceLength)
        {
            throw new UserError($"expected more than {sequenceLength} tokens to train on (one sequence and its last target), found {tokenCount}. Tokenize more text or shorten the sequence.");
        }
        _sequenceLength = sequenceLength;
        _seed = seed;
        // One window less than would fit leaves room for the offset, so that window borders differ from epoch to epoch.
        WindowCount = Math.Max(1, ((tokenCount - 1) / sequenceLength) - 1);
        _offsets = tokenCount - (WindowCount * sequenceLength);
    }

    /// <summary>Windows per epoch.</summary>
    public long WindowCount { get; }

    /// <summary>First token of each of the sequences number <paramref name="firstSequence"/>, firstSequence + 1, …; each is sequenceLength + 1 tokens long.</summary>
    public void Windows(long firstSequence, Span<long> starts)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(firstSequence);
        for (int i = 0; i < starts.Length; i++)
        {
            (long epoch, long place) = Math.DivRem(firstSequence + i, WindowCount);
            ulong key = SplitMix64.Mix(_seed ^ SplitMix64.Mix((ulong)epoch));
            long offset = (long)(SplitMix64.Mix(key) % (ulong)_offsets);
            starts[i] = offset + (new IndexPermutation(WindowCount, key)[place] * _sequenceLength);
        }
    }
}
