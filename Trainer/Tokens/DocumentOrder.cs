using Factory.Core;
using Factory.Core.Numbers;

namespace Factory.Trainer.Tokens;

/// <summary>How the documents of the training split are shuffled.</summary>
internal enum Shuffle
{
    /// <summary>Not at all: they stay as they were read.</summary>
    None,

    /// <summary>Within neighbouring windows of documents: fast where the tokens do not fit into memory.</summary>
    Window,

    /// <summary>All among one another.</summary>
    Full,
}

/// <summary>An order of the training documents that follows from their number and the seed alone.</summary>
/// <param name="Window">Documents of a window, for <see cref="Shuffle.Window"/>.</param>
internal sealed record DocumentOrder(Shuffle Shuffle, long Window, ulong Seed)
{
    /// <summary>Option values, the default first.</summary>
    public static IReadOnlyList<string> Names { get; } = ["none", "window", "full"];

    /// <exception cref="SettingError">The window is too small to shuffle anything.</exception>
    public void Validate()
    {
        if (Window < 2)
        {
            throw new SettingError("shuffle_window", FormattableString.Invariant($"expected at least 2 documents, found {Window}."));
        }
    }

    /// <summary>As the manifest says it.</summary>
    public string ToFact() => Shuffle switch
    {
        Shuffle.None => "none",
        Shuffle.Window => FormattableString.Invariant($"window {Window}, seed {Seed}"),
        Shuffle.Full => FormattableString.Invariant($"full, seed {Seed}"),
    };

    /// <summary>Numbers of <paramref name="count"/> documents, in the order in which they are to stand.</summary>
    public IEnumerable<long> Numbers(long count)
    {
        long window = Shuffle switch { Shuffle.None => 1, Shuffle.Window => Window, Shuffle.Full => Math.Max(1, count) };
        for (long start = 0; start < count; start += window)
        {
            long length = Math.Min(window, count - start);
            var permutation = new IndexPermutation(length, SplitMix64.Mix(Seed ^ SplitMix64.Mix((ulong)start)));
            for (long i = 0; i < length; i++)
            {
                yield return start + permutation[i];
            }
        }
    }
}
