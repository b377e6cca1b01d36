using Factory.Core.Architecture;

namespace Factory.Trainer.Training;

/// <summary>Floating-point operations of training, as PaLM counts them (arXiv 2204.02311, appendix B).</summary>
public static class ModelFlops
{
    /// <summary>
    /// Forward and backward pass of one token in a row of <paramref name="time"/>: 6 per weight that takes part in a product (the embedding is looked up),
    /// and 12 per block, head channel and position for attention.
    /// </summary>
    public static double PerToken(LlamaArchitecture architecture, int time)
    {
        long embedding = architecture.TieEmbeddings ? 0 : (long)architecture.VocabularySize * architecture.HiddenSize;
        double attention = 12.0 * architecture.BlockCount * architecture.Heads * architecture.HeadSize * time;
        return (6.0 * (architecture.Parameters.TotalCount - embedding)) + attention;
    }
}
