using Factory.Core;
using Factory.Core.Architecture;
using Factory.Core.Checkpoints;
using Factory.Core.Configuration;
using Factory.Core.Safetensors;

namespace Factory.Trainer.Import;

/// <summary>
/// A Hugging Face folder of a LLaMA, Mistral, Qwen2 or Qwen3: config.json, generation_config.json and safetensors in float32, bfloat16 or float16. A config.json with norm_scheme
/// holds the unfolded weights of that method. Its tensors must be the catalog's, by name and shape.
/// </summary>
internal sealed class HuggingFaceFolder : IWeightSource
{
    private readonly ShardedWeights _weights;

    private HuggingFaceFolder(LlamaArchitecture architecture, ShardedWeights weights)
    {
        Architecture = architecture;
        _weights = weights;
    }

    public LlamaArchitecture Architecture { get; }

    /// <exception cref="UserError">The folder holds another kind of model, or its files do not fit together.</exception>
    public static HuggingFaceFolder Open(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new SettingError("input", $"expected a Hugging Face folder with {ConfigJson.FileName} and safetensors, found no directory {folder}.");
        }
        LlamaArchitecture architecture = GenerationConfig.Apply(folder, ConfigJson.Read(folder));
        ShardedWeights weights = ShardedWeights.Open(folder);
        try
        {
            Check(architecture.Parameters, weights);
            return new HuggingFaceFolder(architecture, weights);
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    public void Read(ParameterSpec parameter, int firstRow, Span<float> destination) =>
        _weights.ReadSingles(StoredName(parameter.Name, Architecture.TieEmbeddings, _weights), firstRow * parameter.Shape[^1], destination);

    public void Dispose() => _weights.Dispose();

    private static void Check(ParameterCatalog catalog, ShardedWeights weights)
    {
        HashSet<string> expected = [.. catalog.Select(parameter => parameter.Name)];
        bool tied = !expected.Contains(ParameterCatalog.Head);
        IEnumerable<TensorEntry> found = weights.Names.Select(weights.Entry).Select(entry =>
            entry.Name == StoredName(ParameterCatalog.Embedding, tied, weights) ? entry with { Name = ParameterCatalog.Embedding } : entry);
        CatalogCheck.Require(catalog, found, weights.Folder, name => IsRotaryBuffer(name) || IsCopyOfEmbedding(name, expected, weights));
    }

    /// <summary>Of tied weights, some writers store only the head.</summary>
    private static string StoredName(string name, bool tied, ShardedWeights weights) =>
        name == ParameterCatalog.Embedding && tied && !weights.Names.Contains(name) && weights.Names.Contains(ParameterCatalog.Head) ? ParameterCatalog.Head : name;

    /// <summary>Old versions of transformers stored the rotary frequencies, which config.json implies.</summary>
    private static bool IsRotaryBuffer(string name) => name.EndsWith(".rotary_emb.inv_freq", StringComparison.Ordinal);

    /// <summary>Some files of tied models hold the embedding twice; the second copy is left out when it is equal, and refused when it is not.</summary>
    private static bool IsCopyOfEmbedding(string name, HashSet<string> expected, ShardedWeights weights) =>
        name == ParameterCatalog.Head && !expected.Contains(name) && weights.Names.Contains(ParameterCatalog.Embedding)
        && weights.AreEqual(name, ParameterCatalog.Embedding);
}
