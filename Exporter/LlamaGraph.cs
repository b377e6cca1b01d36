using Factory.Core.Architecture;
using Factory.Exporter.Onnx;
using Factory.Exporter.Precisions;
using Factory.Exporter.Signatures;

namespace Factory.Exporter;

/// <summary>
/// The whole model as an ONNX graph. Its blocks are what their plans say (<see cref="BlockEmitter"/>). A Pre-LN model:
/// <code>
/// ids ─ Gather ─ norm ─┬─ qkv ─ GroupQueryAttention ─ o ─ (+ norm) ─ gate·σ(gate)·up ─ down ─ (+ norm) ─ … ─ Gather rows ─ lm_head ─► logits
///                      └───────────── residual, carried by the fused (+ norm) nodes ─────────────────────┘
/// </code>
/// B sequences, S new tokens, H hidden, V vocabulary.
/// </summary>
internal sealed class LlamaGraph(
    GraphBuilder graph, GraphSignature signature, LinearEmitter linear, LlamaArchitecture model, IReadOnlyList<BlockPlan> plans, Func<string, float[]> read)
{
    private readonly int _hidden = model.HiddenSize;
    private readonly HeadLayout _head = new(model.HeadSize);
    private readonly NormEmitter _norms = new(graph, signature.Operators, read);

    /// <summary>Adds everything to the builder, from inputs to outputs.</summary>
    /// <param name="blockDone">Called after each block with the number of blocks done.</param>
    public void Emit(Action<int> blockDone)
    {
        signature.Begin();
        (string cosine, string sine) = EmitRotaryTable();
        var stream = new ResidualStream(graph, _norms, linear.Embed("/model/embed_tokens", Vocabulary(ParameterCatalog.Embedding), signature.Ids)); // (B, S, H)
        if (model.EmbeddingNorm is NormPlan embeddingNorm)
        {
            stream.Norm("/model/embed_norm", embeddingNorm);
        }
        var blocks = new BlockEmitter(
            graph, signature, _norms, new AttentionEmitter(graph, signature, linear, _hidden, _head, cosine, sine, read), new FeedForwardEmitter(graph, linear, _hidden, read), read);
        for (int i = 0; i < plans.Count; i++)
        {
            blocks.Emit(stream, i, plans[i]);
            blockDone(i + 1);
        }
        string rows = signature.HeadRows(stream.Normed("/model/norm", model.FinalNorm)); // (n, H)
        LinearWeight head = Vocabulary(model.TieEmbeddings ? ParameterCatalog.Embedding : ParameterCatalog.Head);
        signature.End(linear.Logits("/lm_head", rows, head, model.TieEmbeddings));
    }

    private (string Cosine, string Sine) EmitRotaryTable()
    {
        long[] shape = [model.MaxPositions, _head.PaddedSize / 2];
        return (
            linear.Vector("model.rotary.cos", shape, () => _head.PadTable(RotaryTable.Angles(model, model.MaxPositions).Cosine, 1)),
            linear.Vector("model.rotary.sin", shape, () => _head.PadTable(RotaryTable.Angles(model, model.MaxPositions).Sine, 0)));
    }

    private LinearWeight Vocabulary(string parameter) => new(parameter, model.VocabularySize, _hidden, () => read(parameter));
}
