namespace Factory.Runtime;

/// <summary>
/// How long a run of several tokens may be so that the cuts between runs change no bit. Attention goes through the new tokens in blocks of twice the head
/// size, and a block of a single token is computed by another kernel than one of several, which rounds differently; so no block may be a single token,
/// unless there is only one token at all. (ONNX Runtime 1.31, CPU; seen as 2e-6 in logits of 4.)
/// </summary>
internal readonly record struct ChunkSize(int HeadSize)
{
    /// <summary>Tokens of the next run.</summary>
    /// <param name="remaining">Tokens to run, at least one.</param>
    /// <param name="most">Tokens of one run at most, at least 4.</param>
    public int Next(int remaining, int most)
    {
        int size = Math.Min(remaining, most);
        while (size > 1 && (HasSingle(size) || remaining - size == 1))
        {
            size--;
        }
        return size;
    }

    /// <summary>As many tokens or one more.</summary>
    public int Padded(int tokens) => HasSingle(tokens) ? tokens + 1 : tokens;

    private bool HasSingle(int size) => size % (2 * HeadSize) == 1;
}
