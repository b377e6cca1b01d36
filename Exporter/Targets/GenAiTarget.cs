using System.Text.Json.Nodes;
using Factory.Core.Architecture;
using Factory.Exporter.Precisions;
using Factory.Exporter.Tokenizers;

namespace Factory.Exporter.Targets;

/// <summary>The folder that onnxruntime-genai loads (C#, Python, C++, mobile).</summary>
internal sealed class GenAiTarget : PortableTarget
{
    private const string GraphFileName = "model.onnx";

    public override string Name => "genai";

    public override string Summary => "a folder for onnxruntime-genai";

    internal override string Kind => "export-genai";

    public override IReadOnlyList<Precision> Precisions { get; } =
        [PrecisionCatalog.Named("fp32"), PrecisionCatalog.Named("fp16"), PrecisionCatalog.Named("int8"), PrecisionCatalog.Named("int4"), PrecisionCatalog.Named("int4-rtn")];

    internal override string Usage(string name) => $$"""
        ```csharp
        using var model = new Microsoft.ML.OnnxRuntimeGenAI.Model("{{name}}");
        using var tokenizer = new Microsoft.ML.OnnxRuntimeGenAI.Tokenizer(model);
        ```

        ```python
        import onnxruntime_genai as og
        model = og.Model("{{name}}")
        ```

        The tokenizer leaves the first token (BOS) to the caller: put it in front of the prompt's tokens where the model has one.
        """;

    internal override string NextStep(string output) => $"Load it: new Model({output}) with Microsoft.ML.OnnxRuntimeGenAI, or og.Model({output}) in Python.";

    protected override string GraphName(ExportContext context) => GraphFileName;

    protected override void WriteMore(ExportContext context)
    {
        LlamaArchitecture model = context.Architecture;
        int? bos = model.BosTokenId;
        int[] eos = [.. model.EosTokenIds];
        TokenizerFolder.WriteJson(context.PathOf("genai_config.json"), new JsonObject
        {
            ["model"] = new JsonObject
            {
                ["bos_token_id"] = bos ?? eos.FirstOrDefault(),
                ["eos_token_id"] = eos.Length == 1 ? eos[0] : new JsonArray([.. eos.Select(id => JsonValue.Create(id))]),
                // Rows that end early are filled with it; any token will do.
                ["pad_token_id"] = eos.FirstOrDefault(),
                ["context_length"] = model.MaxPositions,
                ["vocab_size"] = model.VocabularySize,
                ["type"] = "llama",
                ["decoder"] = Decoder(model),
            },
            ["search"] = new JsonObject
            {
                ["do_sample"] = false,
                ["early_stopping"] = true,
                ["max_length"] = model.MaxPositions,
                ["min_length"] = 0,
                ["num_beams"] = 1,
                ["num_return_sequences"] = 1,
                ["past_present_share_buffer"] = true,
                ["temperature"] = 1.0,
                ["top_k"] = 1,
                ["top_p"] = 1.0,
            },
        });
    }

    private static JsonObject Decoder(LlamaArchitecture model) => new()
    {
        ["session_options"] = new JsonObject { ["log_id"] = "onnxruntime-genai", ["provider_options"] = new JsonArray() },
        ["filename"] = GraphFileName,
        // As in the graph, whose heads may be filled up with zeros.
        ["head_size"] = new HeadLayout(model.HeadSize).PaddedSize,
        ["hidden_size"] = model.HiddenSize,
        ["num_attention_heads"] = model.Heads,
        ["num_key_value_heads"] = model.KeyValueHeads,
        ["num_hidden_layers"] = model.BlockCount,
        ["inputs"] = new JsonObject
        {
            ["input_ids"] = "input_ids",
            ["attention_mask"] = "attention_mask",
            ["past_key_names"] = "past_key_values.%d.key",
            ["past_value_names"] = "past_key_values.%d.value",
        },
        ["outputs"] = new JsonObject { ["logits"] = "logits", ["present_key_names"] = "present.%d.key", ["present_value_names"] = "present.%d.value" },
    };
}
