using System.Collections;

namespace Factory.Core.Architecture;

/// <summary>
/// The one table of a model's tensors. The state dict, model.safetensors and the ONNX initialisers are all written from it and checked
/// against it.
/// </summary>
public sealed class ParameterCatalog : IReadOnlyList<ParameterSpec>
{
    public const string Embedding = "model.embed_tokens.weight";
    public const string FinalNorm = "model.norm.weight";
    public const string Head = "lm_head.weight";

    private readonly List<ParameterSpec> _parameters = [];

    public ParameterCatalog(LlamaArchitecture architecture)
    {
        long hidden = architecture.HiddenSize;
        long queries = (long)architecture.Heads * architecture.HeadSize;
        long keys = (long)architecture.KeyValueHeads * architecture.HeadSize;
        long inner = architecture.IntermediateSize;

        Add(Embedding, ParameterRole.Embedding, null, architecture.VocabularySize, hidden);
        foreach (BlockPlan block in architecture.Blocks)
        {
            Add(block.AttentionNorm.Parameter, ParameterRole.Norm, block.Index, hidden);
            Add($"{block.Prefix}.self_attn.q_proj.weight", ParameterRole.Query, block.Index, queries, hidden);
            Add($"{block.Prefix}.self_attn.k_proj.weight", ParameterRole.Key, block.Index, keys, hidden);
            Add($"{block.Prefix}.self_attn.v_proj.weight", ParameterRole.Value, block.Index, keys, hidden);
            Add($"{block.Prefix}.self_attn.o_proj.weight", ParameterRole.AttentionOutput, block.Index, hidden, queries);
            Add(block.FeedForwardNorm.Parameter, ParameterRole.Norm, block.Index, hidden);
            Add($"{block.Prefix}.mlp.gate_proj.weight", ParameterRole.Gate, block.Index, inner, hidden);
            Add($"{block.Prefix}.mlp.up_proj.weight", ParameterRole.Up, block.Index, inner, hidden);
            Add($"{block.Prefix}.mlp.down_proj.weight", ParameterRole.Down, block.Index, hidden, inner);
        }
        Add(FinalNorm, ParameterRole.Norm, null, hidden);
        if (!architecture.TieEmbeddings)
        {
            Add(Head, ParameterRole.Head, null, architecture.VocabularySize, hidden);
        }
    }

    public int Count => _parameters.Count;

    public ParameterSpec this[int index] => _parameters[index];

    /// <summary>Trainable numbers in the whole model.</summary>
    public long TotalCount => _parameters.Sum(parameter => parameter.Count);

    public IEnumerator<ParameterSpec> GetEnumerator() => _parameters.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private void Add(string name, ParameterRole role, int? block, params long[] shape) => _parameters.Add(new ParameterSpec(name, shape, role, block));
}
