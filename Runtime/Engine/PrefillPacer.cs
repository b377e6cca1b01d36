namespace Factory.Runtime.Engine;

/// <summary>
/// How many prompt tokens one run takes. While as many are decoded as wait or more, as many as take about as long as a step of theirs, found by trying: so
/// newcomers delay running streams by less than two steps, whatever the machine. Where more wait than are decoded (nobody at first), whole chunks until
/// those are in, with a step between: the few wait for the many.
/// </summary>
internal sealed class PrefillPacer
{
    private const int Least = 16;

    private int _size = 32;
    private int _rush;

    /// <summary>Tokens of the next run at most.</summary>
    /// <param name="newcomers">Requests that could be in prefill now, had it time for them all.</param>
    /// <param name="decoding">Requests that are decoded.</param>
    public int Budget(int newcomers, int decoding)
    {
        _rush = newcomers > decoding ? Math.Max(_rush, newcomers) : Math.Min(_rush, newcomers);
        return _rush > 0 ? LanguageModel.PrefillChunk : _size;
    }

    /// <summary>So many prompts are done.</summary>
    public void Finished(int prompts) => _rush = Math.Max(0, _rush - prompts);

    /// <summary>Learns from a run beside decoding.</summary>
    public void Observe(int tokens, TimeSpan prefill, TimeSpan decodeStep)
    {
        if (tokens > _size || 2 * tokens <= _size)
        {
            return; // a rush, or the end of a prompt: no measure of this size
        }
        if (prefill > 1.4 * decodeStep)
        {
            _size = Math.Max(Least, _size / 2);
        }
        else if (prefill < 0.6 * decodeStep)
        {
            _size = Math.Min(LanguageModel.PrefillChunk, _size * 2);
        }
    }
}
