namespace Factory.Exporter.Signatures;

/// <summary>Norm and attention in the operators of one kind of runtime. B sequences, S new tokens, H hidden.</summary>
internal interface IOperators
{
    /// <summary>gain · x / sqrt(mean(x²) + epsilon) over the last axis.</summary>
    string RmsNorm(string path, string x, string gain, double epsilon);

    /// <summary>The sum of the stream and a branch, and its RMSNorm; both (B, S, H).</summary>
    (string Normed, string Sum) AddAndNorm(string path, string x, string branch, string gain, double epsilon);

    /// <summary>Causal attention with rotary positions over the cache and the new tokens.</summary>
    /// <returns>(B, S, heads · headSize).</returns>
    string Attention(string path, GraphSignature signature, int block, AttentionShape shape, AttentionInputs inputs);
}

/// <param name="HeadSize">Channels per head in the graph.</param>
/// <param name="Scale">Factor on the scores.</param>
/// <param name="Window">Tokens a query sees, itself included; null: all before it.</param>
internal sealed record AttentionShape(int Heads, int KeyValueHeads, int HeadSize, double Scale, int? Window);

/// <param name="Query">Queries, (B, S, heads · headSize); where keys and values are empty, all three packed.</param>
/// <param name="Cosine">Rotary table, (positions, headSize / 2).</param>
internal sealed record AttentionInputs(string Query, string Key, string Value, string Cosine, string Sine);
