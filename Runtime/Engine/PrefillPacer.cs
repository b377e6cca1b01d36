namespace Factory.Runtime.Engine;

/// <summary>
/// How many prompt tokens one run takes. While as many are decoded as wait or more, as many as take one to one and a half of their steps, found by
/// trying: so newcomers delay running streams by less than two steps, whatever the machine. Where more wait than are decoded (nobody at first), whole chunks
/// until those are in, with a step between: the few wait for the many.
/// </summary>
internal sealed class PrefillPacer
{
    // Quarters of octaves, 16 to 512: each at most a quarter larger than the one before, so what is grown to is not too large (1.1 * 1.25 < 1.45).
    private static readonly int[] Sizes = [.. Enumerable.Range(0, 21).Select(i => (4 + (i % 4)) << (2 + (i / 4)))];

    private const double Short = 1.1;
    private const double Long = 1.45;

    private int _size = Array.IndexOf(Sizes, 32);
    private int _rush;

    /// <summary>Tokens of the next run at most.</summary>
    /// <param name="newcomers">Requests that could be in prefill now, had it time for them all.</param>
    /// <param name="decoding">Requests that are decoded.</param>
    public int Budget(int newcomers, int decoding)
    {
        _rush = newcomers > decoding ? Math.Max(_rush, newcomers) : Math.Min(_rush, newcomers);
        return _rush > 0 ? LanguageModel.PrefillChunk : Sizes[_size];
    }

    /// <summary>So many prompts are done.</summary>
    public void Finished(int prompts) => _rush = Math.Max(0, _rush - prompts);

    /// <summary>Learns from a run beside decoding.</summary>
    public void Observe(int tokens, TimeSpan prefill, TimeSpan decodeStep)
    {
        if (tokens > Sizes[_size] || (_size > 0 && tokens <= Sizes[_size - 1]))
        {
            return; // a rush, or the end of a prompt: no measure of this size
        }
        if (prefill > Long * decodeStep)
        {
            _size = Math.Max(0, _size - 1);
        }
        else if (prefill < Short * decodeStep)
        {
            _size = Math.Min(Sizes.Length - 1, _size + 1);
        }
    }
}
