using Factory.Core.Architecture;
using Factory.Core.Architecture.Methods;
using Factory.Core.Configuration;
using Factory.Core.Safetensors;
using Factory.Trainer.Model;
using static TorchSharp.torch;

namespace Factory.Trainer.Tests.Model;

/// <summary>Small models for tests.</summary>
internal static class TestModels
{
    /// <summary>The model of a folder with config.json and model.safetensors.</summary>
    public static LlamaModel Load(string folder, ScalarType type) => Load(folder, ModelPlacement.Cpu(type));

    /// <inheritdoc cref="Load(string, ScalarType)"/>
    public static LlamaModel Load(string folder, ModelPlacement placement)
    {
        var model = new LlamaModel(ConfigJson.Read(folder), placement);
        using SafetensorsReader reader = SafetensorsReader.Open(Path.Combine(folder, "model.safetensors"));
        WeightFile.Load(model, reader);
        return model;
    }

    /// <summary>A shape where every size differs, so that a mix-up cannot go unnoticed.</summary>
    public static LlamaArchitecture Tiny(int keyValueHeads = 2, bool tied = false, NormScheme? scheme = null) => new()
    {
        VocabularySize = 61,
        HiddenSize = 24,
        IntermediateSize = 40,
        BlockCount = 3,
        Heads = 4,
        KeyValueHeads = keyValueHeads,
        HeadSize = 10,
        MaxPositions = 32,
        TieEmbeddings = tied,
        NormScheme = scheme ?? NormSchemes.Lns,
    };
}
