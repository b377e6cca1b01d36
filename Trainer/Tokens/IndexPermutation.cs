using System.Numerics;
using Factory.Core.Numbers;

namespace Factory.Trainer.Tokens;

/// <summary>
/// A pseudo-random order of 0 … count − 1 that needs no memory: a Feistel network over the next even number of bits, applied again while the
/// result lies outside (Black and Rogaway, "Ciphers with arbitrary finite domains").
/// </summary>
internal readonly struct IndexPermutation
{
    private const int Rounds = 6;

    private readonly ulong _count;
    private readonly ulong _key;
    private readonly int _halfBits;

    public IndexPermutation(long count, ulong key)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        _count = (ulong)count;
        _key = key;
        _halfBits = Math.Max(1, (65 - BitOperations.LeadingZeroCount(_count - 1)) / 2);
    }

    /// <summary>What stands at place <paramref name="index"/>; every value below count stands at exactly one place.</summary>
    public long this[long index]
    {
        get
        {
            ulong value = (ulong)index;
            do
            {
                value = Encipher(value);
            }
            while (value >= _count);
            return (long)value;
        }
    }

    private ulong Encipher(ulong value)
    {
        ulong mask = (1UL << _halfBits) - 1;
        ulong left = value >> _halfBits;
        ulong right = value & mask;
        for (ulong round = 0; round < Rounds; round++)
        {
            ulong mixed = SplitMix64.Mix(_key ^ SplitMix64.Mix((right * Rounds) + round));
            (left, right) = (right, left ^ (mixed & mask));
        }
        return (left << _halfBits) | right;
    }
}
