using Factory.Exporter.Onnx;
using Factory.Exporter.Quantization;
using static Factory.Exporter.Onnx.TensorProto.Types;

namespace Factory.Exporter.Precisions;

/// <summary>How linear weights become nodes and bytes, and how far the result may lie from the trained model. One subclass a precision.</summary>
public abstract class Precision
{
    /// <summary>The word on the command line and in the manifest.</summary>
    public abstract string Name { get; }

    /// <summary>One clause for <c>--help</c> and model cards.</summary>
    public abstract string Summary { get; }

    /// <summary>How far a logit may lie from the probe's, relative to the largest logit where that exceeds 1.</summary>
    public abstract double LogitTolerance { get; }

    /// <summary>How much the perplexity on a text may rise, as a fraction: 0.01 is one per cent.</summary>
    public abstract double PerplexityBound { get; }

    /// <summary>Whether ONNX Runtime's CPU provider has kernels for it.</summary>
    public virtual bool RunsOnCpu => true;

    /// <summary>
    /// Whether a row's result does not depend, to the last bit, on the rows beside it: then a request gets the same tokens alone and in a full batch.
    /// Tests hold it; activations quantized over a whole batch (DynamicQuantizeMatMul) or blocks of 128 weights are examples of what would not.
    /// </summary>
    public virtual bool IsBatchInvariant => true;

    /// <summary>Element type of the branches: attention, KV cache, element-wise nodes. Residual stream, norms and logits are float32 always.</summary>
    internal virtual DataType Compute => DataType.Float;

    /// <summary>What token embedding and output head are written in.</summary>
    internal virtual Precision Head => this;

    /// <summary>Whether weights are chosen by what flows through the layers, see <see cref="Calibrated"/>.</summary>
    internal virtual bool IsCalibrated => false;

    /// <summary>The same precision with weights chosen by <paramref name="statistics"/>.</summary>
    internal virtual Precision Calibrated(LayerStatistics statistics) => this;

    public override string ToString() => Name;

    /// <summary>Makes a layer's input ready, once for all weights that read it.</summary>
    /// <param name="x">(…, inputs), of type <see cref="Compute"/>.</param>
    internal virtual LinearInput Prepare(GraphBuilder graph, string path, string x) => new(x, null);

    /// <summary>x @ Wᵀ.</summary>
    /// <returns>(…, outputs), of type <see cref="Compute"/>.</returns>
    internal abstract string Linear(GraphBuilder graph, string path, LinearInput x, LinearWeight weight);

    /// <summary>A bias or a table, of type <see cref="Compute"/>.</summary>
    internal virtual string Vector(GraphBuilder graph, string name, IReadOnlyList<long> shape, Func<float[]> values) => graph.Weight(name, shape, values);

    /// <summary>The rows of the token embedding that <paramref name="ids"/> name.</summary>
    /// <returns>(B, S, hidden), float32.</returns>
    internal abstract string Embed(GraphBuilder graph, string path, LinearWeight embedding, string ids);

    /// <summary>Logits.</summary>
    /// <param name="x">(n, hidden), float32.</param>
    /// <param name="isTied">Whether <paramref name="weight"/> is the embedding, which <see cref="Embed"/> has stored.</param>
    /// <returns>(n, vocabulary), float32.</returns>
    internal abstract string Logits(GraphBuilder graph, string path, string x, LinearWeight weight, bool isTied);

    /// <summary>A Cast, or <paramref name="x"/> itself where it has that type.</summary>
    internal static string Cast(GraphBuilder graph, string path, string x, DataType from, DataType to) =>
        from == to ? x : graph.Node(path, "Cast", [x], "", GraphBuilder.Attribute("to", (long)to));
}
