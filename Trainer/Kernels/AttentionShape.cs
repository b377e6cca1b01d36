namespace Factory.Trainer.Kernels;

/// <summary>Sizes of causal attention with grouped heads over rows of packed queries, keys and values.</summary>
/// <param name="Batch">Sequences.</param>
/// <param name="Time">Tokens a sequence.</param>
/// <param name="Heads">Query heads.</param>
/// <param name="KeyValueHeads">Heads of keys and values; query head h reads number h / (Heads / KeyValueHeads).</param>
/// <param name="HeadSize">Channels a head, an even number.</param>
internal readonly record struct AttentionShape(long Batch, long Time, long Heads, long KeyValueHeads, long HeadSize)
{
    /// <summary>Query rows of one tile of scores: their scores and probabilities stay in the second-level cache.</summary>
    public const long TileRows = 48;

    /// <summary>Numbers of one token's queries, keys and values.</summary>
    public long RowSize => (Heads + (2 * KeyValueHeads)) * HeadSize;

    /// <summary>Head size and time as the tile products want them, multiples of 16; the rest is zeros.</summary>
    public long PaddedHead => (HeadSize + 15) / 16 * 16;

    /// <inheritdoc cref="PaddedHead"/>
    public long PaddedTime => (Time + 15) / 16 * 16;

    /// <summary>Query heads that share a key head.</summary>
    public long Group => Heads / KeyValueHeads;

    /// <summary>Factor on the scores, 1/sqrt(head size).</summary>
    public float ScoreScale => (float)(1 / Math.Sqrt(HeadSize));
}
