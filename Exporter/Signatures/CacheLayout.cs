using Factory.Exporter.Quantization;
using static Factory.Exporter.Onnx.TensorProto.Types;

namespace Factory.Exporter.Signatures;

/// <summary>Shape of the KV cache, of the model that it belongs to, and how it is stored.</summary>
/// <param name="HeadSize">Channels per head in the graph.</param>
/// <param name="Compute">Element type that attention computes in.</param>
/// <param name="Scales">Those of an int8 cache; null for a cache of the type <paramref name="Compute"/>.</param>
internal sealed record CacheLayout(int Blocks, int KeyValueHeads, int HeadSize, int Hidden, int Vocabulary, DataType Compute, KvScales? Scales = null)
{
    public DataType Type => Scales is null ? Compute : DataType.Int8;

    /// <summary>(B, keyValueHeads, tokens, headSize).</summary>
    public object[] Shape(string tokens, string batch = "batch") => [batch, KeyValueHeads, tokens, HeadSize];
}
