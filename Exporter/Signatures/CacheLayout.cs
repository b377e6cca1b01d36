using static Factory.Exporter.Onnx.TensorProto.Types;

namespace Factory.Exporter.Signatures;

/// <summary>Shape of the KV cache, of the model that it belongs to, and its element type.</summary>
/// <param name="HeadSize">Channels per head in the graph.</param>
internal sealed record CacheLayout(int Blocks, int KeyValueHeads, int HeadSize, int Hidden, int Vocabulary, DataType Type)
{
    /// <summary>(B, keyValueHeads, tokens, headSize).</summary>
    public object[] Shape(string tokens, string batch = "batch") => [batch, KeyValueHeads, tokens, HeadSize];
}
