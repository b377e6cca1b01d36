using Factory.Core.Architecture;
using Factory.Exporter.Onnx;
using Factory.Exporter.Precisions;

namespace Factory.Exporter.Encoders;

/// <summary>
/// A BERT as an ONNX graph; its blocks are emitted as a LLaMA's are, by their plans.
/// <code>
/// ids, types, positions ─ Gather ─ + ─ norm ─ block 0 ─ … ─ block L-1 ─┬─ qa_outputs ─► start and end logits
///                                                                      └─ Gather rows ─ transform ─ gelu ─ norm ─ embedding ─► logits
/// </code>
/// B rows, S tokens, H hidden, V vocabulary.
/// </summary>
internal sealed class BertGraph(GraphBuilder graph, EncoderSignature signature, LinearEmitter linear, BertArchitecture model, Func<string, float[]> read)
{
    private readonly NormEmitter _norms = new(graph, signature.Operators, read);

    /// <summary>Adds everything to the builder, from inputs to outputs.</summary>
    /// <param name="blockDone">Called after each block with the number of blocks done.</param>
    public void Emit(Action<int> blockDone)
    {
        signature.Begin();
        var stream = new ResidualStream(graph, _norms, Embed());
        stream.Norm("/model/embed_norm", model.EmbeddingNorm);
        var attention = new AttentionEmitter(graph, signature, linear, model.HiddenSize, new HeadLayout(model.HeadSize, multiple: 1), "", "", read);
        var blocks = new BlockEmitter(graph, signature, _norms, attention, new FeedForwardEmitter(graph, linear, model.HiddenSize, read), read);
        foreach ((int index, BlockPlan plan) in model.Blocks.Index())
        {
            blocks.Emit(stream, index, plan);
            blockDone(index + 1);
        }
        signature.End(model.Head switch
        {
            BertHead.QuestionAnswering => Linear("/qa_outputs", BertParameters.Answers, stream.Value(), 2), // (B, S, 2)
            BertHead.MaskedLanguageModel => EmitVocabulary(signature.HeadRows(stream.Value())), // (n, V)
        });
    }

    /// <returns>(B, S, H)</returns>
    private string Embed()
    {
        string words = linear.Embed("/model/embed_tokens", Table(BertParameters.Embedding, model.VocabularySize), signature.Ids);
        string types = linear.Embed("/model/embed_token_types", Table(BertParameters.TokenTypes, model.TokenTypes), signature.TokenTypes);
        string positions = linear.Embed("/model/embed_positions", Table(BertParameters.Positions, model.MaxPositions), signature.Positions); // (S, H)
        return graph.Node("/model/embeddings", "Add", [graph.Node("/model/embeddings/types", "Add", [words, types]), positions]);
    }

    /// <param name="rows">(n, H)</param>
    private string EmitVocabulary(string rows)
    {
        string axis = graph.Constant("/transform/axis", 0);
        string whole = graph.Node("/transform/rows", "Unsqueeze", [rows, axis]); // (1, n, H)
        string inner = graph.Node("/transform", "Gelu", [Linear("/transform/dense", BertParameters.Transform, whole, model.HiddenSize)]);
        string normed = graph.Node("/transform/rows", "Squeeze", [_norms.Emit("/transform/norm", model.HeadNorm, inner), axis]); // (n, H)
        LinearWeight head = Table(model.TieEmbeddings ? BertParameters.Embedding : BertParameters.Head, model.VocabularySize);
        string bias = linear.Vector(BertParameters.HeadBias, [model.VocabularySize], () => read(BertParameters.HeadBias));
        return graph.Node("/lm_head/bias", "Add", [linear.Logits("/lm_head", normed, head, model.TieEmbeddings), bias]);
    }

    /// <param name="x">(B, S, H)</param>
    /// <returns>(B, S, outputs)</returns>
    private string Linear(string path, string name, string x, int outputs)
    {
        var weight = new LinearWeight($"{name}.weight", outputs, model.HiddenSize, () => read($"{name}.weight"));
        return graph.Node(path, "Add", [linear.Linear(path, linear.Input(path, x), weight), linear.Vector($"{name}.bias", [outputs], () => read($"{name}.bias"))]);
    }

    private LinearWeight Table(string parameter, int rows) => new(parameter, rows, model.HiddenSize, () => read(parameter));
}
