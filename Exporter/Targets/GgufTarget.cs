using Factory.Core;
using Factory.Core.Architecture;
using Factory.Core.Disk;
using Factory.Core.Text;
using Factory.Exporter.Gguf;
using Factory.Exporter.Precisions;
using Factory.Exporter.Tokenizers;
using Factory.Runtime;

namespace Factory.Exporter.Targets;

/// <summary>A file for llama.cpp and what is built on it (Ollama, LM Studio, LLamaSharp): folded, tokenizer included.</summary>
internal sealed class GgufTarget : Target
{
    private const string FactorsName = "rope_freqs.weight";

    public override string Name => "gguf";

    public override string Summary => "a GGUF file for llama.cpp, Ollama and others (fp32: F32, fp16: F16, int8: Q8_0, int4-rtn: Q4_0), where the method folds into a LLaMA";

    internal override string Kind => "export-gguf";

    public override IReadOnlyList<Precision> Precisions { get; } =
        [PrecisionCatalog.Named("fp32"), PrecisionCatalog.Named("fp16"), PrecisionCatalog.Named("int8"), PrecisionCatalog.Named("int4-rtn")];

    internal override string Usage(string name) => $$"""
        - llama.cpp: `llama-cli -m {{name}}/model-F32.gguf -p "Once upon a time"`
        - Ollama: a Modelfile with `FROM ./{{name}}/model-F32.gguf`, then `ollama create {{name}} -f Modelfile`
        - LM Studio, Jan, KoboldCpp: open the file
        - Python: `llama_cpp.Llama("{{name}}/model-F32.gguf")`
        - .NET: `LLamaWeights.LoadFromFile(new ModelParams("{{name}}/model-F32.gguf"))` with LLamaSharp

        (The file's name ends in its type: F32, F16, Q8_0 or Q4_0.) The method's constant factors are folded into the weights.
        """;

    internal override string NextStep(string output) => $"Run it: llama-cli -m {output}/*.gguf -p 'Once upon a time'";

    internal override void Require(CheckpointSource source)
    {
        PlainLlama.Require(source, Name);
        // Linear and Llama 3 scaling are divisors of the frequencies; others change more, and llama.cpp would compute them in its own way.
        if (source.Architecture.RopeScaling is not (null or RopeScaling.Linear or RopeScaling.Llama3))
        {
            throw new UserError($"{source.Directory}: expected rotary positions that are plain or scaled as linear or llama3, as the target {Name} needs, found {source.Architecture.RopeScaling.GetType().Name}. Export it with --target factory, standard, genai or transformersjs.");
        }
    }

    internal override IReadOnlyDictionary<string, ManifestEntry> Write(ExportContext context)
    {
        var plain = new PlainLlama(context.Source);
        LlamaArchitecture model = plain.Architecture;
        using var writer = new GgufWriter(FileOf(context));
        GgufModel.WriteMetadata(writer, model, context.Source.Title);
        writer.Metadata("general.file_type", (uint)(TypeOf(context) switch { GgufType.F32 => 0, GgufType.F16 => 1, GgufType.Q4_0 => 2, GgufType.Q8_0 => 7 }));
        WriteTokenizer(context, writer, model);
        float[]? factors = GgufModel.RotaryFactors(model);
        if (factors is not null)
        {
            writer.Declare(FactorsName, [factors.Length], GgufType.F32);
        }
        foreach (ParameterSpec parameter in model.Parameters)
        {
            writer.Declare(GgufModel.NameOf(parameter), parameter.Shape, TypeOf(context, parameter));
        }
        if (factors is not null)
        {
            writer.Write(FactorsName, factors);
        }
        foreach (ParameterSpec parameter in model.Parameters)
        {
            context.CancellationToken.ThrowIfCancellationRequested();
            writer.Write(GgufModel.NameOf(parameter), GgufModel.Reorder(parameter, plain.Read(parameter.Name), model));
            context.BlockDone(parameter.Block ?? 0);
        }
        writer.Finish();
        return new Dictionary<string, ManifestEntry>();
    }

    internal override IProbedModel Open(ExportContext context, string name)
    {
        LlamaArchitecture model = new PlainLlama(context.Source).Architecture;
        Dictionary<string, ParameterSpec> parameters = model.Parameters.ToDictionary(parameter => parameter.Name);
        using var reader = new GgufReader(FileOf(context));
        return RereadModel.Open(context, name, model, parameter =>
            GgufModel.Reorder(parameters[parameter], reader.Read(GgufModel.NameOf(parameters[parameter])), model, back: true));
    }

    private static string FileOf(ExportContext context) => context.PathOf($"model-{TypeOf(context)}.gguf");

    private static void WriteTokenizer(ExportContext context, GgufWriter writer, LlamaArchitecture model)
    {
        string directory = context.Source.Directory;
        if (TokenizerFolder.SentencePieceIn(directory) is string path)
        {
            SentencePieceModel pieces = SentencePieceModelReader.Parse(InputFile.ReadAllBytes(path, "a SentencePiece model"), path);
            GgufTokenizer.Write(writer, pieces, model.VocabularySize, TokenizerFolder.ChatTemplate(directory));
            return;
        }
        writer.Metadata("tokenizer.ggml.model", "no_vocab");
    }

    private static GgufType TypeOf(ExportContext context) =>
        context.Precision.Main is Fp16 ? GgufType.F16 : context.Precision.Main is Int8 ? GgufType.Q8_0 : context.Precision.Main is Int4Rtn ? GgufType.Q4_0 : GgufType.F32;

    /// <summary>Vectors stay float32; rows that do not fill blocks are float16; in int4 embedding and head are 8 bits.</summary>
    private static GgufType TypeOf(ExportContext context, ParameterSpec parameter)
    {
        GgufType main = TypeOf(context);
        return parameter.Shape.Count == 1 || main == GgufType.F32 || context.Precision.For(parameter.Name) is Fp32 ? GgufType.F32
            : main == GgufType.F16 || parameter.Shape[^1] % GgufEncoding.Block != 0 ? GgufType.F16
            : main == GgufType.Q4_0 && parameter.Name is ParameterCatalog.Embedding or ParameterCatalog.Head ? GgufType.Q8_0
            : main;
    }
}
