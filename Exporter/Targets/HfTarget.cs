using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Factory.Core.Architecture;
using Factory.Core.Configuration;
using Factory.Core.Disk;
using Factory.Core.Safetensors;
using Factory.Exporter.Onnx;
using Factory.Exporter.Precisions;
using Factory.Exporter.Tokenizers;
using Factory.Runtime;

namespace Factory.Exporter.Targets;

/// <summary>A folder that transformers, vLLM and others load as a LlamaForCausalLM: the method's factors are folded into the weights.</summary>
internal sealed class HfTarget : Target
{
    private const string WeightsFile = "model.safetensors";

    public override string Name => "hf";

    public override string Summary => "a Hugging Face LlamaForCausalLM folder for transformers, vLLM and others, where the method folds into one";

    internal override string Kind => "export-hf";

    public override IReadOnlyList<Precision> Precisions { get; } = [PrecisionCatalog.Named("fp32"), PrecisionCatalog.Named("fp16"), PrecisionCatalog.Named("bf16")];

    internal override string Usage(string name) => $$"""
        ```python
        from transformers import AutoModelForCausalLM, AutoTokenizer
        model = AutoModelForCausalLM.from_pretrained("{{name}}")
        tokenizer = AutoTokenizer.from_pretrained("{{name}}")
        print(tokenizer.decode(model.generate(**tokenizer("Once upon a time", return_tensors="pt"), max_new_tokens=50)[0]))
        ```

        - vLLM: `vllm serve {{name}}`
        - text-generation-inference: `text-generation-launcher --model-id {{name}}`
        - llama.cpp: `python convert_hf_to_gguf.py {{name}}`, or Factory's own `--target gguf`
        - lm-evaluation-harness: `lm_eval --model hf --model_args pretrained={{name}} --tasks arc_easy`
        - MLX: `mlx_lm.generate --model {{name}} --prompt "Once upon a time"`

        The method's constant factors are folded into the weights: it is a plain LLaMA, and nothing has to be scaled again.
        """;

    internal override string NextStep(string output) => $"Load it: AutoModelForCausalLM.from_pretrained({output}) in Python's transformers.";

    internal override void Require(CheckpointSource source) => PlainLlama.Require(source, Name);

    internal override IReadOnlyDictionary<string, ManifestEntry> Write(ExportContext context)
    {
        var plain = new PlainLlama(context.Source);
        ElementType type = TypeOf(context);
        using (var writer = new SafetensorsWriter(context.PathOf(WeightsFile), new Dictionary<string, string> { ["format"] = "pt" }))
        {
            foreach (ParameterSpec parameter in plain.Architecture.Parameters)
            {
                writer.Declare(parameter.Name, type, parameter.Shape);
            }
            foreach (ParameterSpec parameter in plain.Architecture.Parameters)
            {
                context.CancellationToken.ThrowIfCancellationRequested();
                Write(writer, parameter.Name, plain.Read(parameter.Name), type);
                context.BlockDone(parameter.Block ?? 0);
            }
            writer.Finish();
        }
        WriteConfig(context, plain.Architecture, type);
        TokenizerFolder.Write(context.Source.Directory, context.Directory, plain.Architecture.MaxPositions);
        return new Dictionary<string, ManifestEntry>();
    }

    internal override IProbedModel Open(ExportContext context, string name)
    {
        using SafetensorsReader reader = SafetensorsReader.Open(context.PathOf(WeightsFile));
        return RereadModel.Open(context, name, ConfigJson.Read(context.Directory), reader.ReadSingles);
    }

    private static ElementType TypeOf(ExportContext context) =>
        context.Precision.Main is Fp16 ? ElementType.Float16 : context.Precision.Main is BF16 ? ElementType.BFloat16 : ElementType.Float32;

    private static void Write(SafetensorsWriter writer, string name, float[] values, ElementType type)
    {
        if (type == ElementType.Float16)
        {
            writer.Write<Half>(name, Array.ConvertAll(values, value => (Half)value));
        }
        else if (type == ElementType.BFloat16)
        {
            writer.Write(name, MemoryMarshal.AsBytes<BFloat16>(Array.ConvertAll(values, value => (BFloat16)value)));
        }
        else
        {
            writer.Write<float>(name, values);
        }
    }

    private static void WriteConfig(ExportContext context, LlamaArchitecture plain, ElementType type)
    {
        ConfigJson.Write(context.Directory, plain);
        string path = context.PathOf(ConfigJson.FileName);
        JsonObject config = JsonNode.Parse(File.ReadAllBytes(path))!.AsObject();
        config["torch_dtype"] = type == ElementType.Float16 ? "float16" : type == ElementType.BFloat16 ? "bfloat16" : "float32";
        TokenizerFolder.WriteJson(path, config);
    }
}
