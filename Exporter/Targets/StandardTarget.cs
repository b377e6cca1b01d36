using Factory.Core.Configuration;
using Factory.Exporter.Onnx;
using Factory.Exporter.Precisions;
using Factory.Exporter.Signatures;

namespace Factory.Exporter.Targets;

/// <summary>Operators of the ONNX standard alone, for any runtime that knows opset 23 (and Optimum's ORTModelForCausalLM).</summary>
internal sealed class StandardTarget : PortableTarget
{
    public override string Name => "standard";

    public override string Summary => "an ONNX graph of standard operators only (opset 23), for any ONNX runtime";

    internal override string Kind => "export-standard";

    public override IReadOnlyList<Precision> Precisions { get; } = [PrecisionCatalog.Named("fp32"), PrecisionCatalog.Named("fp16")];

    protected override int Opset => StandardSignature.StandardOpset;

    internal override string Usage(string name) => $$"""
        ```python
        import onnxruntime, numpy
        session = onnxruntime.InferenceSession("{{name}}/model.onnx")
        ```

        Inputs: `input_ids`, `position_ids` int64 (batch, time); `attention_mask` int64 (batch, past + time), 1 for tokens that count; for each block i
        `past_key_values.i.key` and `.value` (batch, key/value heads, past, head size), with past = 0 at first. Outputs: `logits` (batch, time, vocabulary)
        and `present.i.key`, `present.i.value`, which are the next run's past. Operators: the ONNX standard, opset 23. The names are those of Hugging Face's
        exports, so `optimum.onnxruntime.ORTModelForCausalLM` can drive it too.
        """;

    internal override string NextStep(string output) => $"Load {output}/model.onnx in any runtime with opset 23; its README.md says what goes in and out.";

    protected override string GraphName(ExportContext context) => "model.onnx";

    protected override GraphSignature Signature(GraphBuilder graph, CacheLayout cache) => new StandardSignature(graph, cache);

    protected override void WriteMore(ExportContext context) => ConfigJson.Write(context.Directory, context.Architecture);
}
