using Factory.Core.Bundles;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Factory.Runtime;

/// <summary>What the graph says of its KV cache, (batch, keyValueHeads, capacity, headSize) for each block and kind; its heads may be padded.</summary>
internal sealed record KvLayout(int Blocks, int KeyValueHeads, int HeadSize, TensorElementType ElementType)
{
    public int ElementBytes { get; } = Bytes(ElementType);

    /// <summary>One token in one head of one block, keys or values.</summary>
    public int HeadBytes => HeadSize * ElementBytes;

    /// <summary>One token in all blocks, keys and values.</summary>
    public long BytesPerToken => 2L * Blocks * KeyValueHeads * HeadBytes;

    /// <summary>How runs may be cut.</summary>
    public ChunkSize Chunks => new(HeadSize);

    public static KvLayout FromSession(InferenceSession session, int blocks)
    {
        NodeMetadata key = session.InputMetadata[GraphNames.PastKey(0)];
        return new KvLayout(blocks, key.Dimensions[1], key.Dimensions[3], key.ElementDataType);
    }

    private static int Bytes(TensorElementType type) => type switch
    {
        TensorElementType.Float => 4,
        TensorElementType.Float16 or TensorElementType.BFloat16 => 2,
        TensorElementType.Int8 or TensorElementType.UInt8 => 1,
        _ => throw new NotSupportedException($"A KV cache of element type {type} is not known."),
    };
}
