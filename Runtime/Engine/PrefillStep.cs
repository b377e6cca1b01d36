namespace Factory.Runtime.Engine;

/// <summary>The next tokens of one prompt.</summary>
internal sealed class PrefillStep(LanguageModel model, KvBuffers buffers)
{
    // With logits at every token a run is bounded by their memory: 64 rows of 32000 are 8 MB.
    public const int MaxLogitRows = 64;

    private readonly int _vocabulary = model.Bundle.Architecture.VocabularySize;
    private float[] _logits = [];
    private int _rows;

    public long BufferBytes => (long)sizeof(float) * _logits.Length;

    /// <summary>Of the last token fed, shape (vocabulary).</summary>
    public ReadOnlySpan<float> LastLogits => _logits.AsSpan((_rows - 1) * _vocabulary, _vocabulary);

    /// <summary>Feeds <paramref name="count"/> tokens from the sequence's position on; tokens of the prompt that it wants to see are given out.</summary>
    /// <returns>Whether the sequence is done, which only a request without new tokens can be.</returns>
    public bool Run(Sequence sequence, int count)
    {
        Slot slot = sequence.Slot!;
        int start = sequence.Position;
        _rows = sequence.NeedsPromptLogits ? count : 1;
        if (_logits.Length < _rows * _vocabulary)
        {
            _logits = new float[_rows * _vocabulary];
        }
        long[] ids = Array.ConvertAll(sequence.Prompt[start..(start + count)], id => (long)id);
        long[] logitRows = new long[_rows];
        for (int i = 0; i < _rows; i++)
        {
            logitRows[i] = count - _rows + i;
        }
        model.Session.Forward(buffers, slot.Index, rows: 1, ids, new[] { start + count - 1 }, logitRows, _logits.AsMemory(0, _rows * _vocabulary));
        sequence.Position = slot.Cached = start + count;
        slot.Touched = Math.Max(slot.Touched, sequence.Position);
        return sequence.Request.Echo && Echo(sequence, start, count);
    }

    private bool Echo(Sequence sequence, int start, int count)
    {
        bool done = false;
        if (!sequence.NeedsPromptLogits)
        {
            for (int i = 0; sequence.IsPrefilled && i < sequence.Prompt.Length; i++)
            {
                done = sequence.EmitPrompt(i, []);
            }
            return done;
        }
        if (start == 0)
        {
            done = sequence.EmitPrompt(0, []);
        }
        for (int i = 0; i < count && start + i + 1 < sequence.Prompt.Length; i++)
        {
            done = sequence.EmitPrompt(start + i + 1, _logits.AsSpan(i * _vocabulary, _vocabulary));
        }
        return done;
    }
}
