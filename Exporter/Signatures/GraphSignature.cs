using Factory.Exporter.Onnx;
using static Factory.Exporter.Onnx.TensorProto.Types;

namespace Factory.Exporter.Signatures;

/// <summary>What a graph takes and gives, as the software that runs it wants it. B sequences, S new tokens, H hidden, V vocabulary.</summary>
/// <param name="graph">Where it is declared.</param>
/// <param name="cache">The KV cache of one block.</param>
internal abstract class GraphSignature(GraphBuilder graph, CacheLayout cache)
{
    protected GraphBuilder Graph { get; } = graph;

    protected CacheLayout Cache { get; } = cache;

    /// <summary>int64 (B, S).</summary>
    public string Ids { get; protected set; } = "";

    /// <summary>int32 (B): tokens of a row including the new ones, minus one.</summary>
    public string LastPositions { get; protected set; } = "";

    /// <summary>int32, a scalar: the longest row's tokens including the new ones.</summary>
    public string TotalLength { get; protected set; } = "";

    /// <summary>The operators that blocks are made of.</summary>
    public virtual IOperators Operators { get; } = new FusedOperators(graph);

    /// <summary>int64 (B, S): position of each new token; empty where the attention counts for itself.</summary>
    public string Positions { get; protected set; } = "";

    /// <summary>bool (B, 1, S, T): which of all tokens a new one sees; empty where the attention knows.</summary>
    /// <param name="window">Tokens a query sees, itself included; null: all before it.</param>
    public virtual string Mask(int? window) => "";

    /// <summary>Declares inputs and emits what follows from them alone.</summary>
    public abstract void Begin();

    /// <summary>Names of past and present keys and values of a block; empty where the graph has no cache.</summary>
    public abstract (string PastKey, string PastValue, string PresentKey, string PresentValue) CacheOf(int block);

    /// <summary>Names of a block's scales, (keyValueHeads, 1, headSize); null where the cache is not quantized.</summary>
    public virtual (string Keys, string Values)? CacheScalesOf(int block) => null;

    /// <summary>Whether <see cref="AfterBlock"/> is to be asked.</summary>
    public virtual bool NeedsBlockInputs => false;

    /// <summary>A block, from its input to its output.</summary>
    /// <returns>What the next block reads, (B, S, H).</returns>
    public virtual string AfterBlock(int block, string input, string output) => output;

    /// <summary>Which rows get logits.</summary>
    /// <param name="normed">(B, S, H).</param>
    /// <returns>(n, H).</returns>
    public abstract string HeadRows(string normed);

    /// <summary>Declares outputs.</summary>
    /// <param name="logits">(n, V), float32.</param>
    public abstract void End(string logits);
}
