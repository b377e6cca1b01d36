using Factory.Core.Architecture;
using Factory.Core.Bundles;
using Factory.Exporter.Onnx;
using static Factory.Exporter.Onnx.GraphBuilder;
using static Factory.Exporter.Onnx.TensorProto.Types;

namespace Factory.Exporter;

/// <summary>
/// The whole model as an ONNX graph. It takes block plans: the scheme is already numbers, and every number is folded into a weight.
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
    private readonly AttributeProto _epsilon = Attribute("epsilon", model.RmsNormEpsilon);

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
        string x = graph.Node("/model/embed_tokens", "Gather", [embedding, ids]); // (B, S, H)
        string normed = EmitFirstNorm(x);
        for (int i = 0; i < plans.Count; i++)
        {
            BlockPlan plan = plans[i];
            string path = $"/model/layers.{plan.Index}";
            string attention = EmitAttention(plan, path, normed);
            (normed, x) = EmitAddAndNorm($"{path}/post_attention_layernorm", x, attention, plan.FeedForwardNorm);
            string feedForward = EmitFeedForward(plan, path, normed);
            // Adding the branch and the norm that follows, the next block's first or the final one, are one operator.
            (normed, x) = i + 1 < plans.Count
                ? EmitAddAndNorm($"/model/layers.{plans[i + 1].Index}/input_layernorm", x, feedForward, plans[i + 1].AttentionNorm)
                : EmitAddAndNorm("/model/norm", x, feedForward, new NormPlan(ParameterCatalog.FinalNorm, 1));
            blockDone(i + 1);
        }
        EmitHead(embedding, normed, indices);

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

    private string Gain(NormPlan plan) => graph.Weight(plan.Parameter, [_hidden], Folding.Gain(read(plan.Parameter), plan));

    private string EmitFirstNorm(string x) => graph.Node(
        $"/model/layers.{plans[0].Index}/input_layernorm", "SimplifiedLayerNormalization", [x, Gain(plans[0].AttentionNorm)], "", Attribute("axis", -1), _epsilon, Attribute("stash_type", 1));

    /// <summary>sum = x + branch and its norm, both (B, S, H), in one operator.</summary>
    private (string Normed, string Sum) EmitAddAndNorm(string path, string x, string branch, NormPlan plan)
    {
        const string op = "SkipSimplifiedLayerNormalization";
        string normed = $"{path}/{op}/output_0";
        string sum = $"{path}/{op}/output_3";
        graph.Node(path, op, [x, branch, Gain(plan)], [normed, "", "", sum], MicrosoftDomain, _epsilon);
        return (normed, sum);
    }

    private string EmitAttention(BlockPlan plan, string path, string normed)
    {
        string name = $"{plan.Prefix}.self_attn";
        int queries = model.Heads * _head.PaddedSize;
        int width = queries + (2 * model.KeyValueHeads * _head.PaddedSize);
        string weight = graph.Weight($"{name}.qkv_proj.weight", [_hidden, width], Folding.Pack(_hidden, Heads("q_proj"), Heads("k_proj"), Heads("v_proj")));
        string qkv = graph.Node($"{path}/attn/qkv_proj", "MatMul", [normed, weight]); // (B, S, (heads + 2 keyValueHeads) * headSize)
        string mixed = $"{path}/attn/GroupQueryAttention/output_0"; // (B, S, heads * headSize)
        graph.Node($"{path}/attn", "GroupQueryAttention",
            [qkv, "", "", GraphNames.PastKey(plan.Index), GraphNames.PastValue(plan.Index), GraphNames.LastPositions, GraphNames.TotalLength, Cosine, Sine],
            [mixed, GraphNames.PresentKey(plan.Index), GraphNames.PresentValue(plan.Index)],
            MicrosoftDomain,
            Attribute("num_heads", model.Heads), Attribute("kv_num_heads", model.KeyValueHeads), Attribute("scale", 1 / Math.Sqrt(model.HeadSize)),
            Attribute("do_rotary", 1), Attribute("rotary_interleaved", 0));
        float[] output = Folding.Pack(model.Heads * model.HeadSize, read($"{name}.o_proj.weight")); // (heads * headSize, H)
        string outputWeight = graph.Weight($"{name}.o_proj.weight", [queries, _hidden], _head.PadRows(output, _hidden));
        return graph.Node($"{path}/attn/o_proj", "MatMul", [mixed, outputWeight]);

        float[] Heads(string projection) => _head.PadRows(read($"{name}.{projection}.weight"), _hidden);
    }

    private string EmitFeedForward(BlockPlan plan, string path, string normed)
    {
        string name = $"{plan.Prefix}.mlp";
        string gate = EmitLinear($"{path}/mlp/gate_proj", $"{name}.gate_proj.weight", normed, _hidden, model.IntermediateSize);
        string up = EmitLinear($"{path}/mlp/up_proj", $"{name}.up_proj.weight", normed, _hidden, model.IntermediateSize);
        string sigmoid = graph.Node($"{path}/mlp/act_fn", "Sigmoid", [gate]);
        string swish = graph.Node($"{path}/mlp/act_fn", "Mul", [gate, sigmoid]);
        string inner = graph.Node($"{path}/mlp", "Mul", [swish, up]); // (B, S, intermediate)
        return EmitLinear($"{path}/mlp/down_proj", $"{name}.down_proj.weight", inner, model.IntermediateSize, _hidden);
    }

    private string EmitLinear(string path, string parameter, string x, int inputs, int outputs)
    {
        string weight = graph.Weight(parameter, [inputs, outputs], Folding.Pack(inputs, read(parameter)));
        return graph.Node(path, "MatMul", [x, weight]);
    }

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
