namespace Factory.Trainer.Tokens;

/// <summary>Whether a document came twice, as long as that matters: until the first one is held out, which is after few documents.</summary>
internal sealed class KnownTexts
{
    /// <summary>So many documents without one held out do not happen with a fraction that holds out anything worth having.</summary>
    private const int Most = 100_000;

    private readonly HashSet<Int128> _digests = [];

    public bool HasCopies { get; private set; }

    public void Add(ReadOnlySpan<byte> digest)
    {
        if (_digests.Count < Most && !_digests.Add(System.Buffers.Binary.BinaryPrimitives.ReadInt128BigEndian(digest)))
        {
            HasCopies = true;
        }
    }
}
