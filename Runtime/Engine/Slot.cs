namespace Factory.Runtime.Engine;

/// <summary>One row of the KV buffers: whose it is, and which prompt's keys and values it holds.</summary>
internal sealed class Slot(int index)
{
    public int Index { get; } = index;

    /// <summary>null while it is free; what it holds then is a prefix that others may take over.</summary>
    public Sequence? Owner { get; set; }

    /// <summary>The prompt whose tokens it holds.</summary>
    public int[] Prompt { get; set; } = [];

    /// <summary>Leading tokens of <see cref="Prompt"/> whose keys and values are in. Generated tokens never count: decoding rounds differently from prefill.</summary>
    public int Cached { get; set; }

    /// <summary>Tokens ever written since its memory was last given back.</summary>
    public int Touched { get; set; }

    /// <summary>The tick of its last use.</summary>
    public long LastUsed { get; set; }

    /// <summary>Tokens it accounts for: those written, and those that its owner may come to.</summary>
    public int Committed => Math.Max(Touched, Owner?.ReservedTokens ?? 0);

    /// <summary>Leading tokens that it shares with a prompt.</summary>
    public int CommonPrefix(int[] prompt) => Prompt.AsSpan(0, Cached).CommonPrefixLength(prompt);
}
