using Factory.Core.Bundles;
using Factory.Exporter.Onnx;
using static Factory.Exporter.Onnx.GraphBuilder;
using static Factory.Exporter.Onnx.TensorProto.Types;

namespace Factory.Exporter.Signatures;

/// <summary>
/// The names that Hugging Face's exports have, which onnxruntime-genai and transformers.js drive: a mask over past and new tokens, logits of every
/// position. Lengths follow from the mask:
/// <code>
/// attention_mask (B, T) ─┬─ ReduceSum ─ -1 ─► last positions (B)
///                        └─ Shape ─ T ─────► total length
/// </code>
/// </summary>
internal class PortableSignature(GraphBuilder graph, CacheLayout cache) : GraphSignature(graph, cache)
{
    /// <summary>Name of B in the graph; transformers.js knows it by this one.</summary>
    protected const string Batch = "batch_size";

    /// <summary>int64 (B, T): 1 for tokens that count, past ones included.</summary>
    protected string AttentionMask { get; private set; } = "";

    public override void Begin()
    {
        DeclareInputs();
        const string path = "/model/lengths";
        string sum = Graph.Node($"{path}/last", "ReduceSum", [AttentionMask, Graph.Constant($"{path}/axes", 1)], "", Attribute("keepdims", 0)); // (B)
        string last = Graph.Node($"{path}/last", "Sub", [sum, Graph.Scalar($"{path}/one", 1L)]);
        LastPositions = Graph.Node($"{path}/last", "Cast", [last], "", Attribute("to", (long)DataType.Int32));
        string total = Graph.Node($"{path}/total", "Gather", [Graph.Node(path, "Shape", [AttentionMask]), Graph.Scalar($"{path}/one", 1L)]);
        TotalLength = Graph.Node($"{path}/total", "Cast", [total], "", Attribute("to", (long)DataType.Int32));
    }

    public override (string PastKey, string PastValue, string PresentKey, string PresentValue) CacheOf(int block) =>
        (GraphNames.PastKey(block), GraphNames.PastValue(block), GraphNames.PresentKey(block), GraphNames.PresentValue(block));

    public override string HeadRows(string normed) => Graph.Node("/lm_head", "Reshape", [normed, Graph.Constant("/lm_head/flat_shape", -1, Cache.Hidden)]);

    public override void End(string logits)
    {
        string batch = Graph.Node("/lm_head/logits", "Shape", [Ids]); // (B, S)
        string shape = Graph.Node("/lm_head/logits", "Concat", [batch, Graph.Constant("/lm_head/logits/vocabulary", Cache.Vocabulary)], "", Attribute("axis", 0));
        string shaped = Graph.Node("/lm_head/logits", "Reshape", [logits, shape]); // (B, S, V)
        Graph.OutputAs(GraphNames.Logits, shaped, DataType.Float, Batch, "sequence_length", Cache.Vocabulary);
        for (int block = 0; block < Cache.Blocks; block++)
        {
            Graph.Output(GraphNames.PresentKey(block), Cache.Type, Cache.Shape("total_sequence_length", Batch));
            Graph.Output(GraphNames.PresentValue(block), Cache.Type, Cache.Shape("total_sequence_length", Batch));
        }
    }

    private void DeclareInputs()
    {
        Ids = Graph.Input(GraphNames.InputIds, DataType.Int64, Batch, "sequence_length");
        AttentionMask = Graph.Input(PortableNames.AttentionMask, DataType.Int64, Batch, "total_sequence_length");
        DeclareMore();
        for (int block = 0; block < Cache.Blocks; block++)
        {
            Graph.Input(GraphNames.PastKey(block), Cache.Type, Cache.Shape("past_sequence_length", Batch));
            Graph.Input(GraphNames.PastValue(block), Cache.Type, Cache.Shape("past_sequence_length", Batch));
        }
    }

    /// <summary>Declares inputs that stand before the cache.</summary>
    protected virtual void DeclareMore()
    {
    }
}
