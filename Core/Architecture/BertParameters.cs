namespace Factory.Core.Architecture;

/// <summary>The table of a BERT's tensors, as <see cref="ParameterCatalog"/> is a LLaMA's.</summary>
public static class BertParameters
{
    public const string Embedding = ParameterCatalog.Embedding;
    public const string Positions = "model.embed_positions.weight";
    public const string TokenTypes = "model.embed_token_types.weight";

    /// <summary>The map to start and end, (2, hidden); a name without ".weight" and ".bias".</summary>
    public const string Answers = "qa_outputs";

    /// <summary>The map in front of the masked language model's last, (hidden, hidden); a name without ".weight" and ".bias".</summary>
    public const string Transform = "transform.dense";

    /// <summary>The masked language model's last map, (vocabulary, hidden), where it is not the embedding.</summary>
    public const string Head = ParameterCatalog.Head;

    /// <summary>Its bias, (vocabulary).</summary>
    public const string HeadBias = "lm_head.bias";

    /// <summary>Every tensor, in the order in which data flows through them.</summary>
    public static IReadOnlyList<ParameterSpec> All(BertArchitecture model)
    {
        var list = new ParameterList(model.HiddenSize, (_, _, _, _) => Initialization.Normal(model.InitializerRange));
        list.AddLinear(Embedding, ParameterRole.Embedding, null, model.VocabularySize, model.HiddenSize);
        list.AddLinear(Positions, ParameterRole.Embedding, null, model.MaxPositions, model.HiddenSize);
        list.AddLinear(TokenTypes, ParameterRole.Embedding, null, model.TokenTypes, model.HiddenSize);
        list.AddNorm(model.EmbeddingNorm, null);
        foreach (BlockPlan block in model.Blocks)
        {
            list.AddBlock(block);
        }
        switch (model.Head)
        {
            case BertHead.QuestionAnswering:
                list.AddLinear(Answers, ParameterRole.Head, null, 2, model.HiddenSize, bias: true);
                break;
            case BertHead.MaskedLanguageModel:
                list.AddLinear(Transform, ParameterRole.Head, null, model.HiddenSize, model.HiddenSize, bias: true);
                list.AddNorm(model.HeadNorm, null);
                if (!model.TieEmbeddings)
                {
                    list.AddLinear(Head, ParameterRole.Head, null, model.VocabularySize, model.HiddenSize);
                }
                list.AddBias(HeadBias, null, model.VocabularySize);
                break;
        }
        return list;
    }
}
