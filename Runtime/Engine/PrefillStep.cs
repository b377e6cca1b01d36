namespace Factory.Runtime.Engine;

/// <summary>The next tokens of one prompt, or whole prompts of several (<see cref="PrefillBatch"/>), in one run.</summary>
internal sealed class PrefillStep(LanguageModel model, KvBuffers buffers)
{
    // Bounded by their memory: 64 rows of 32000 logits are 8 MB.
    public const int MaxLogitRows = 64;

    private readonly ChunkSize _chunks = model.Session.KvLayout.Chunks;
    private readonly int _vocabulary = model.Bundle.Architecture.VocabularySize;
    private float[] _logits = [];
    private int _rows;

    public long BufferBytes => (long)sizeof(float) * _logits.Length;

    /// <summary>Of the last token fed of the last sequence but <paramref name="fromEnd"/>, shape (vocabulary).</summary>
    public ReadOnlySpan<float> LastLogits(int fromEnd) => Row(_rows - 1 - fromEnd);

    /// <summary>Feeds tokens from the sequences' positions on.</summary>
    /// <param name="sequences">One, or several in neighbouring slots, by rising slot, that are fed from the beginning to the end.</param>
    /// <param name="budget">Tokens of a single one at most.</param>
    /// <returns>Tokens fed, without padding.</returns>
    public int Run(IReadOnlyList<Sequence> sequences, int budget)
    {
        bool single = sequences.Count == 1;
        int[] counts = [.. sequences.Select(sequence => single ? Piece(sequence, budget) : sequence.Prompt.Length)];
        int time = single ? counts[0] : _chunks.Padded(counts.Max());
        long[] ids = new long[sequences.Count * time];
        List<long> logitRows = [];
        for (int row = 0; row < sequences.Count; row++)
        {
            Sequence sequence = sequences[row];
            for (int t = 0; t < counts[row]; t++)
            {
                ids[(row * time) + t] = sequence.Prompt[sequence.Position + t];
            }
            for (int t = sequence.NeedsPromptLogits ? 0 : counts[row] - 1; t < counts[row]; t++)
            {
                logitRows.Add((row * time) + t);
            }
        }
        _rows = logitRows.Count;
        if (_logits.Length < _rows * _vocabulary)
        {
            _logits = new float[_rows * _vocabulary];
        }
        int[] lastPositions = [.. sequences.Zip(counts, (sequence, count) => sequence.Position + count - 1)];
        model.PrefillSession.Forward(buffers, sequences[0].Slot!.Index, sequences.Count, ids, lastPositions, logitRows.ToArray(), _logits.AsMemory(0, _rows * _vocabulary));
        for (int row = 0; row < sequences.Count; row++)
        {
            Slot slot = sequences[row].Slot!;
            slot.Touched = Math.Max(slot.Touched, sequences[row].Position + time);
            sequences[row].Position = slot.Cached = lastPositions[row] + 1;
        }
        return counts.Sum();
    }

    /// <summary>Gives out the prompt's tokens that the request wants to see, as far as they were fed.</summary>
    /// <param name="start">The position before the run.</param>
    /// <returns>Whether the sequence is done, which only a request without new tokens can be.</returns>
    public bool Echo(Sequence sequence, int start)
    {
        bool done = false;
        if (sequence.NeedsPromptLogits)
        {
            done = start == 0 && sequence.EmitPrompt(0, []);
            for (int i = start + 1; i <= sequence.Position && i < sequence.Prompt.Length; i++)
            {
                done = sequence.EmitPrompt(i, Row(i - start - 1));
            }
        }
        else if (sequence.Request.Echo && sequence.IsPrefilled)
        {
            for (int i = 0; i < sequence.Prompt.Length; i++)
            {
                done = sequence.EmitPrompt(i, []);
            }
        }
        return done;
    }

    private int Piece(Sequence sequence, int budget) =>
        _chunks.Next(sequence.Prompt.Length - sequence.Position, sequence.NeedsPromptLogits ? Math.Min(budget, MaxLogitRows) : budget);

    private ReadOnlySpan<float> Row(int index) => _logits.AsSpan(index * _vocabulary, _vocabulary);
}
