using Factory.Core.Architecture;
using Factory.Trainer.Recipes;

namespace Factory.Trainer.Training;

/// <summary>
/// How much memory training takes, roughly: weights, gradients and two moments, and what the backward pass needs of one micro-batch. libtorch itself takes
/// about 0.4 GB more.
/// </summary>
/// <param name="State">Bytes of weights, gradients and optimizer.</param>
/// <param name="Activations">Bytes of one micro-batch's activations.</param>
public sealed record MemoryEstimate(long State, long Activations)
{
    /// <summary>Tensors of (tokens, hidden) that a block keeps: input, normed and scaled of two norms, q, k and v before and after rotation, attention's output, two sums.</summary>
    private const int HiddenPerBlock = 15;

    /// <summary>Tensors of (tokens, intermediate) that a block keeps: gate, silu(gate), up and their product.</summary>
    private const int IntermediatePerBlock = 4;

    public static MemoryEstimate For(LlamaArchitecture architecture, Recipe recipe)
    {
        int weight = recipe.Run.Precision == Precision.PureBf16 ? 2 : 4;
        int activation = recipe.Run.Precision == Precision.Fp32 ? 4 : 2;
        long tokens = (long)recipe.Data.MicroBatchSize * recipe.Data.SequenceLength;
        long perToken = architecture.BlockCount * (((long)HiddenPerBlock * architecture.HiddenSize) + ((long)IntermediatePerBlock * architecture.IntermediateSize));
        return new MemoryEstimate(4 * weight * architecture.Parameters.TotalCount, tokens * perToken * activation);
    }
}
