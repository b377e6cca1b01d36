using System.Collections;

namespace Factory.Core.Architecture;

/// <summary>
/// The one table of a model's tensors, found by walking its plans. The state dict, model.safetensors and the ONNX initialisers are all written
/// from it and checked against it.
/// </summary>
public sealed class ParameterCatalog : IReadOnlyList<ParameterSpec>
{
    public const string Embedding = "model.embed_tokens.weight";
    public const string FinalNorm = "model.norm.weight";
    public const string Head = "lm_head.weight";

    private readonly ParameterList _parameters;

    public ParameterCatalog(LlamaArchitecture architecture)
    {
        _parameters = new ParameterList(
            architecture.HiddenSize, (role, block, outputs, inputs) => architecture.NormScheme.LinearInitialization(architecture, role, block, outputs, inputs));
        _parameters.AddLinear(Embedding, ParameterRole.Embedding, null, architecture.VocabularySize, architecture.HiddenSize);
        _parameters.AddNorm(architecture.EmbeddingNorm, null);
        foreach (BlockPlan block in architecture.Blocks)
        {
            _parameters.AddBlock(block);
        }
        _parameters.AddNorm(architecture.FinalNorm, null);
        if (!architecture.TieEmbeddings)
        {
            _parameters.AddLinear(Head, ParameterRole.Head, null, architecture.VocabularySize, architecture.HiddenSize);
        }
    }

    public int Count => _parameters.Count;

    public ParameterSpec this[int index] => _parameters[index];

    /// <summary>Trainable numbers in the whole model.</summary>
    public long TotalCount => _parameters.Sum(parameter => parameter.Count);

    public IEnumerator<ParameterSpec> GetEnumerator() => _parameters.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
