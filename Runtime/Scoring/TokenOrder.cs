using System.Runtime.InteropServices;

namespace Factory.Runtime;

/// <summary>Token sequences as values, and in the order of a dictionary.</summary>
internal sealed class TokenOrder : IComparer<int[]>, IEqualityComparer<int[]>
{
    public static TokenOrder Instance { get; } = new();

    public int Compare(int[]? left, int[]? right) => left.AsSpan().SequenceCompareTo(right);

    public bool Equals(int[]? left, int[]? right) => left.AsSpan().SequenceEqual(right);

    public int GetHashCode(int[] tokens)
    {
        var hash = default(HashCode);
        hash.AddBytes(MemoryMarshal.AsBytes<int>(tokens));
        return hash.ToHashCode();
    }
}
