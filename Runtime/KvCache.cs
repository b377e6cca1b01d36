namespace Factory.Runtime;

/// <summary>
/// Keys and values of one sequence. Made by <see cref="LanguageModel.NewCache"/>; dispose it before the model. One thread at a time.
/// </summary>
public sealed class KvCache : IDisposable
{
    internal KvCache(LanguageModel model, int capacity)
    {
        Model = model;
        Buffers = new KvBuffers(model.Session, slots: 1, capacity);
    }

    /// <summary>Tokens that fit.</summary>
    public int Capacity => Buffers.Capacity;

    /// <summary>Tokens that are in.</summary>
    public int Length { get; internal set; }

    internal LanguageModel Model { get; }

    internal KvBuffers Buffers { get; }

    public void Dispose() => Buffers.Dispose();
}
