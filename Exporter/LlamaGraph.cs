using Factory.Core.Architecture;
using Factory.Core.Bundles;
using Factory.Exporter.Onnx;
using static Factory.Exporter.Onnx.GraphBuilder;
using static Factory.Exporter.Onnx.TensorProto.Types;

namespace Factory.Exporter;

/// <summary>
/// The whole model as an ONNX graph. It interprets the blocks' plans; what can be folded into a weight is (<see cref="FoldedBranch"/>). A Pre-LN model:
/// <code>
/// ids ─ Gather ─ norm ─┬─ qkv ─ GroupQueryAttention ─ o ─ (+ norm) ─ gate·σ(gate)·up ─ down ─ (+ norm) ─ … ─ Gather rows ─ lm_head ─► logits
///                      └───────────── residual, carried by the fused (+ norm) nodes ─────────────────────┘
/// </code>
/// B sequences, S new tokens, H hidden, V vocabulary.
/// </summary>
internal sealed class LlamaGraph(GraphBuilder graph, LlamaArchitecture model, IReadOnlyList<BlockPlan> plans, Func<string, float[]> read)
{
    private const string Cosine = "model.rotary.cos";
    private const string Sine = "model.rotary.sin";

    private readonly int _hidden = model.HiddenSize;
    private readonly HeadLayout _head = new(model.HeadSize);
    private readonly NormEmitter _norms = new(graph, read);

    private object[] CacheShape => ["batch", model.KeyValueHeads, "capacity", _head.PaddedSize];

    /// <summary>Adds everything to the builder, from inputs to outputs.</summary>
    /// <param name="blockDone">Called after each block with the number of blocks done.</param>
    public void Emit(Action<int> blockDone)
    {
        string ids = graph.Input(GraphNames.InputIds, DataType.Int64, "batch", "time");
        graph.Input(GraphNames.LastPositions, DataType.Int32, "batch");
        graph.Input(GraphNames.TotalLength, DataType.Int32);
        string indices = graph.Input(GraphNames.LogitIndices, DataType.Int64, "logit_rows");
        foreach (BlockPlan plan in plans)
        {
            graph.Input(GraphNames.PastKey(plan.Index), DataType.Float, CacheShape);
            graph.Input(GraphNames.PastValue(plan.Index), DataType.Float, CacheShape);
        }

        EmitRotaryTable();
        string embedding = graph.Weight(ParameterCatalog.Embedding, [model.VocabularySize, _hidden], read(ParameterCatalog.Embedding));
        var stream = new ResidualStream(graph, _norms, graph.Node("/model/embed_tokens", "Gather", [embedding, ids])); // (B, S, H)
        if (model.EmbeddingNorm is NormPlan embeddingNorm)
        {
            stream.Norm("/model/embed_norm", embeddingNorm);
        }
        var attention = new AttentionEmitter(graph, _hidden, _head, Cosine, Sine, read);
        var feedForward = new FeedForwardEmitter(graph, _hidden, read);
        for (int i = 0; i < plans.Count; i++)
        {
            BlockPlan plan = plans[i];
            string path = $"/model/layers.{plan.Index}";
            EmitBranch(stream, path, $"{path}/attn", plan.Attention, (x, factor) => attention.Emit($"{path}/attn", plan.Index, plan.SelfAttention, x, factor));
            EmitBranch(stream, path, $"{path}/mlp", plan.FeedForward, (x, factor) => feedForward.Emit($"{path}/mlp", plan.Mlp, x, factor));
            blockDone(i + 1);
        }
        EmitHead(embedding, stream.Normed("/model/norm", model.FinalNorm), indices);

        graph.Output(GraphNames.Logits, DataType.Float, "logit_rows", model.VocabularySize);
        foreach (BlockPlan plan in plans)
        {
            graph.Output(GraphNames.PresentKey(plan.Index), DataType.Float, CacheShape);
            graph.Output(GraphNames.PresentValue(plan.Index), DataType.Float, CacheShape);
        }
    }

    private void EmitRotaryTable()
    {
        (double[] cosine, double[] sine) = RotaryTable.Angles(model, model.MaxPositions);
        long[] shape = [model.MaxPositions, _head.PaddedSize / 2];
        graph.Weight(Cosine, shape, _head.PadTable(cosine, 1));
        graph.Weight(Sine, shape, _head.PadTable(sine, 0));
    }

    /// <summary>y = AfterAdd(Residual · x + Branch · Output(F(Input(x)))), the factors folded.</summary>
    /// <param name="block">The block's path, below which norms stand.</param>
    /// <param name="path">The branch's path.</param>
    /// <param name="emitFunction">Emits F on (B, S, H); its last map takes up the factor.</param>
    private void EmitBranch(ResidualStream stream, string block, string path, ResidualBranch branch, Func<string, BranchFactor, string> emitFunction)
    {
        FoldedBranch folded = FoldedBranch.From(branch);
        ResidualBranch plan = folded.Plan;
        string input = plan.Input is NormPlan before ? stream.Normed(NormPath(before), before) : stream.Value();
        string output = emitFunction(input, folded.OnFunction);
        if (plan.Output is NormPlan after)
        {
            output = _norms.Emit(NormPath(after), after, output, folded.OnOutputNorm);
        }
        if (!plan.Residual.IsOne)
        {
            stream.Scale($"{path}/residual_scale", EmitFactor($"{path}/residual_scale", plan.Residual));
        }
        stream.Add($"{path}/residual", output);
        if (plan.AfterAdd is NormPlan sum)
        {
            stream.Norm(NormPath(sum), sum);
        }

        string NormPath(NormPlan norm) => $"{block}/{norm.Name[(norm.Name.LastIndexOf('.') + 1)..]}";
    }

    private string EmitFactor(string path, ScalePlan scale) => scale.Parameter is string parameter
        ? graph.Has(parameter) ? parameter : graph.Weight(parameter, [scale.Channels], read(parameter))
        : graph.Weight($"{path}/constant", [1], [(float)scale.Constant]);

    /// <summary>Logits of the rows that were asked for. Gemm takes the head as it is stored, (V, H), so a tied one is the embedding itself.</summary>
    private void EmitHead(string embedding, string normed, string indices)
    {
        string head = model.TieEmbeddings ? embedding : graph.Weight(ParameterCatalog.Head, [model.VocabularySize, _hidden], read(ParameterCatalog.Head));
        string flat = graph.Constant("/lm_head/flat_shape", -1, _hidden);
        string rows = graph.Node("/lm_head", "Reshape", [normed, flat]); // (B * S, H)
        string chosen = graph.Node("/lm_head", "Gather", [rows, indices]); // (n, H)
        graph.Node("/lm_head", "Gemm", [chosen, head], [GraphNames.Logits], "", Attribute("transB", 1)); // (n, V)
    }
}
