namespace Factory.Runtime.Engine;

/// <summary>
/// One token for every running sequence in one run: the batch is the slots from the first up to the last that decodes. A slot between that does not is
/// computed along and its result ignored; it writes behind what the slot holds.
/// </summary>
internal sealed class DecodeStep(LanguageModel model, KvBuffers buffers)
{
    private readonly int _vocabulary = model.Bundle.Architecture.VocabularySize;
    private readonly long[] _ids = new long[buffers.Slots];
    private readonly int[] _lastPositions = new int[buffers.Slots];
    private readonly long[] _logitRows = new long[buffers.Slots];
    private readonly float[] _logits = new float[buffers.Slots * model.Bundle.Architecture.VocabularySize];

    public long BufferBytes => ((long)sizeof(float) * _logits.Length) + (buffers.Slots * (sizeof(long) + sizeof(int) + sizeof(long)));

    /// <summary>Feeds each sequence's last token.</summary>
    /// <param name="decoding">By rising slot.</param>
    public void Run(IReadOnlyList<Slot> slots, IReadOnlyList<Sequence> decoding)
    {
        int rows = decoding[^1].Slot!.Index + 1;
        for (int row = 0; row < rows; row++)
        {
            Slot slot = slots[row];
            bool decodes = slot.Owner is { IsPrefilled: true };
            _ids[row] = decodes ? slot.Owner!.LastToken : 0;
            _lastPositions[row] = decodes ? slot.Owner!.Position : slot.Cached;
            slot.Touched = Math.Max(slot.Touched, _lastPositions[row] + 1);
        }
        for (int i = 0; i < decoding.Count; i++)
        {
            _logitRows[i] = decoding[i].Slot!.Index;
        }
        model.Session.Forward(
            buffers, first: 0, rows, _ids.AsMemory(0, rows), _lastPositions.AsMemory(0, rows), _logitRows.AsMemory(0, decoding.Count), _logits.AsMemory(0, decoding.Count * _vocabulary));
        foreach (Sequence sequence in decoding)
        {
            sequence.Position++;
        }
    }

    /// <summary>Of the sequence at <paramref name="index"/> of those decoded, shape (vocabulary).</summary>
    public ReadOnlySpan<float> Logits(int index) => _logits.AsSpan(index * _vocabulary, _vocabulary);
}
