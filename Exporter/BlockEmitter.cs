using Factory.Core.Architecture;
using Factory.Exporter.Onnx;
using Factory.Exporter.Precisions;
using Factory.Exporter.Signatures;

namespace Factory.Exporter;

/// <summary>
/// Blocks as their plans say; what can be folded into a weight is (<see cref="FoldedBranch"/>). B sequences, S new tokens, H hidden.
/// <code>stream ─ attention branch ─ feed-forward branch ─► stream</code>
/// </summary>
internal sealed class BlockEmitter(GraphBuilder graph, GraphSignature signature, NormEmitter norms, AttentionEmitter attention, FeedForwardEmitter feedForward, Func<string, float[]> read)
{
    /// <param name="position">The block's place among those that are emitted.</param>
    public void Emit(ResidualStream stream, int position, BlockPlan plan)
    {
        string path = $"/model/layers.{plan.Index}";
        string input = signature.NeedsBlockInputs ? stream.Value() : "";
        EmitBranch(stream, path, $"{path}/attn", plan.Attention, (x, factor) => attention.Emit($"{path}/attn", plan.Index, plan.SelfAttention, x, factor));
        EmitBranch(stream, path, $"{path}/mlp", plan.FeedForward, (x, factor) => feedForward.Emit($"{path}/mlp", plan.Mlp, x, factor));
        if (signature.NeedsBlockInputs)
        {
            stream.Replace(signature.AfterBlock(position, input, stream.Value()));
        }
    }

    /// <summary>
    /// y = AfterAdd(Residual · x + Branch · Output(F(Input(x)))), the factors folded; each norm, and the Mul, where the plan has it.
    /// <code>
    /// x ─┬─ Input norm ─ F ─ Output norm ─┐
    ///    └─ Mul(residual factor) ─────────┴─ Add ─ AfterAdd norm ─► y
    /// </code>
    /// </summary>
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
            output = norms.Emit(NormPath(after), after, output, folded.OnOutputNorm);
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
}
