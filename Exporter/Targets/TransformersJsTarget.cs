using System.Text.Json.Nodes;
using Factory.Core.Configuration;
using Factory.Exporter.Precisions;
using Factory.Exporter.Tokenizers;

namespace Factory.Exporter.Targets;

/// <summary>The folder that transformers.js loads, in Node and in browsers.</summary>
internal sealed class TransformersJsTarget : PortableTarget
{
    public override string Name => "transformersjs";

    public override string Summary => "a folder for transformers.js, in Node and in browsers (dtypes fp32, fp16, q8 for int8, q4 for int4)";

    internal override string Kind => "export-transformersjs";

    public override IReadOnlyList<Precision> Precisions { get; } =
        [PrecisionCatalog.Named("fp32"), PrecisionCatalog.Named("fp16"), PrecisionCatalog.Named("int8"), PrecisionCatalog.Named("int4"), PrecisionCatalog.Named("int4-rtn")];

    internal override string Usage(string name) => $$"""
        ```js
        import { pipeline, env } from '@huggingface/transformers';
        env.localModelPath = './';  // the folder that holds {{name}}
        const generate = await pipeline('text-generation', '{{name}}', { dtype: 'fp32' });  // fp16, q8 or q4, as exported
        console.log(await generate('Once upon a time', { max_new_tokens: 50 }));
        ```
        """;

    internal override string NextStep(string output) =>
        $"Load it: env.localModelPath = the folder that holds {output}; pipeline('text-generation', its name, {{ dtype }}) with @huggingface/transformers.";

    /// <summary>The library's name of a dtype becomes the end of the file's name.</summary>
    protected override string GraphName(ExportContext context) => $"onnx/model{Suffix(context)}.onnx";

    protected override string WeightsName(ExportContext context) => $"model{Suffix(context)}.onnx_data";

    protected override void WriteMore(ExportContext context)
    {
        ConfigJson.Write(context.Directory, context.Architecture);
        string path = context.PathOf(ConfigJson.FileName);
        JsonObject config = JsonNode.Parse(File.ReadAllBytes(path))!.AsObject();
        // The graph is what counts; the library only needs a type whose cache it knows.
        config["architectures"] = new JsonArray("LlamaForCausalLM");
        config["model_type"] = "llama";
        config["head_dim"] = new HeadLayout(context.Architecture.HeadSize).PaddedSize;
        config["transformers.js_config"] = new JsonObject { ["dtype"] = Dtype(context), ["use_external_data_format"] = true, ["kv_cache_dtype"] = new JsonObject { ["fp16"] = "float16" } };
        TokenizerFolder.WriteJson(path, config);
        string generation = context.PathOf("generation_config.json");
        if (!File.Exists(generation))
        {
            var ids = new JsonObject { ["bos_token_id"] = context.Architecture.BosTokenId };
            ids["eos_token_id"] = new JsonArray([.. context.Architecture.EosTokenIds.Select(id => JsonValue.Create(id))]);
            TokenizerFolder.WriteJson(generation, ids);
        }
    }

    private static string Dtype(ExportContext context) => context.Precision.Main switch
    {
        Fp16 => "fp16",
        Int8 => "q8",
        BlockInt4Precision => "q4",
        _ => "fp32",
    };

    private static string Suffix(ExportContext context) => Dtype(context) switch
    {
        "fp16" => "_fp16",
        "q8" => "_quantized",
        "q4" => "_q4",
        _ => "",
    };
}
