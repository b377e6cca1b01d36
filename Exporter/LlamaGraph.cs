using Factory.Core.Architecture;
using Factory.Exporter.Onnx;
using Factory.Exporter.Precisions;
using Factory.Exporter.Signatures;

namespace Factory.Exporter;

/// <summary>
/// The whole model as an ONNX graph. It interprets the blocks' plans; what can be folded into a weight is (<see cref="FoldedBranch"/>). A Pre-LN model:
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
        var attention = new AttentionEmitter(graph, signature, linear, _hidden, _head, cosine, sine, read);
        var feedForward = new FeedForwardEmitter(graph, linear, _hidden, read);
        for (int i = 0; i < plans.Count; i++)
        {
            BlockPlan plan = plans[i];
            string path = $"/model/layers.{plan.Index}";
            string input = signature.NeedsBlockInputs ? stream.Value() : "";
            EmitBranch(stream, path, $"{path}/attn", plan.Attention, (x, factor) => attention.Emit($"{path}/attn", plan.Index, plan.SelfAttention, x, factor));
            EmitBranch(stream, path, $"{path}/mlp", plan.FeedForward, (x, factor) => feedForward.Emit($"{path}/mlp", plan.Mlp, x, factor));
            if (signature.NeedsBlockInputs)
            {
                stream.Replace(signature.AfterBlock(i, input, stream.Value()));
            }
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
        ? graph.Has(parameter) ? parameter : graph.Weight(parameter, [scale.Channels], () => read(parameter))
        : graph.Weight($"{path}/constant", [1], () => [(float)scale.Constant]);

    private LinearWeight Vocabulary(string parameter) => new(parameter, model.VocabularySize, _hidden, () => read(parameter));
}
