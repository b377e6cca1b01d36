namespace Factory.Trainer.Kernels;

/// <summary>Adds each token's gradient to its row of the table. One item is a stretch of channels of all tokens, so that no sum depends on the threads.</summary>
internal unsafe struct EmbeddingGradientKernel : ILoopBody
{
    private const long Stretch = 64;

    /// <summary>(count)</summary>
    public long* Ids;

    public long Count;
    public long Channels;

    /// <summary>(count, channels)</summary>
    public float* OutputGradient;

    /// <summary>(vocabulary, channels), added to.</summary>
    public float* Gradient;

    public readonly long Items => (Channels + Stretch - 1) / Stretch;

    public readonly void Run(long begin, long end)
    {
        long first = begin * Stretch;
        int width = (int)(Math.Min(Channels, end * Stretch) - first);
        for (long token = 0; token < Count; token++)
        {
            float* from = OutputGradient + (token * Channels) + first;
            float* to = Gradient + (Ids[token] * Channels) + first;
            VectorMath.Add(from, to, width);
        }
    }
}
