namespace Factory.Runtime.Engine;

/// <summary>
/// How many prompt tokens one run takes. Alone, a whole chunk; while others are decoded, as many as take about as long as a step of theirs, found by
/// trying: so a newcomer delays running streams by less than two steps, whatever the machine.
/// </summary>
internal sealed class PrefillPacer(ChunkSize chunks)
{
    private const int Least = 16;

    private int _size = 32;

    /// <summary>Tokens of the next run.</summary>
    public int Next(Sequence sequence, bool othersDecode)
    {
        int remaining = sequence.Prompt.Length - sequence.Position;
        int size = Math.Min(othersDecode ? _size : LanguageModel.PrefillChunk, sequence.NeedsPromptLogits ? PrefillStep.MaxLogitRows : int.MaxValue);
        return chunks.Next(remaining, size);
    }

    /// <summary>Learns from a run beside decoding.</summary>
    public void Observe(int tokens, TimeSpan prefill, TimeSpan decodeStep)
    {
        if (tokens == _size && prefill > 1.4 * decodeStep)
        {
            _size = Math.Max(Least, _size / 2);
        }
        else if (tokens == _size && prefill < 0.6 * decodeStep)
        {
            _size = Math.Min(LanguageModel.PrefillChunk, _size * 2);
        }
    }
}
