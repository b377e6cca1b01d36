using Factory.Core.Architecture;
using Factory.Trainer.Kernels;
using Factory.Trainer.Recipes;

namespace Factory.Trainer.Training;

/// <summary>
/// How much memory training takes on a CPU, in bytes: counted are the tensors that each kernel set keeps. What the process takes, and how much is
/// resident for each byte of them, was measured (docs/training.md has the table and its command).
/// </summary>
/// <param name="Process">The runtime, libtorch and its code, before there is a model.</param>
/// <param name="State">Weights, both moments, and a copy of the weights in the type to compute in where that is another.</param>
/// <param name="Gradients">One for every weight.</param>
/// <param name="Activations">What the backward pass of one micro-batch needs, with the allocator's gaps between tensors of many sizes.</param>
public sealed record MemoryEstimate(long Process, long State, long Gradients, long Activations)
{
    /// <summary>Resident for each byte of a block's gradients: buffers of the matrix products, and blocks that the allocator holds back for other sizes.</summary>
    private const double BackwardSlack = 5.75;

    // Fitted too, for the fused kernels and for plain operators: resident for each byte kept, and the process itself.
    private const double FusedSlack = 1.3;
    private const double PlainSlack = 1.15;
    private const long FusedProcess = 310_000_000;
    private const long PlainProcess = 320_000_000;

    /// <summary>Largest resident size of the run.</summary>
    public long Peak => Process + State + Gradients + Activations;

    /// <summary>For the recipe's micro-batch, precision and kernels.</summary>
    public static MemoryEstimate For(LlamaArchitecture architecture, Recipe recipe) => For(architecture, recipe, recipe.Data.MicroBatchSize);

    /// <summary>The largest micro-batch, a divisor of the recipe's batch, that stays within <paramref name="available"/> bytes; 0 if none does.</summary>
    public static int LargestMicroBatch(LlamaArchitecture architecture, Recipe recipe, long available)
    {
        int rows = recipe.Data.BatchSize;
        while (rows > 0 && (recipe.Data.BatchSize % rows != 0 || For(architecture, recipe, rows).Peak > available))
        {
            rows--;
        }
        return rows;
    }

    private static MemoryEstimate For(LlamaArchitecture architecture, Recipe recipe, int rows)
    {
        int weight = recipe.Run.Precision == Precision.PureBf16 ? 2 : 4;
        bool fused = recipe.Run.Kernels != KernelSet.Plain.Name && weight == 4;
        var kept = new KeptTensors(fused, weight, recipe.Run.Precision == Precision.Fp32 ? 4 : 2, recipe.Run.Recompute);
        long tokens = (long)rows * recipe.Data.SequenceLength;
        long weights = weight * architecture.Parameters.TotalCount;
        double activations = ((fused ? FusedSlack : PlainSlack) * kept.Kept(architecture, tokens)) + (BackwardSlack * kept.Backward(architecture, tokens));
        return new MemoryEstimate(fused ? FusedProcess : PlainProcess, (3 * weights) + kept.Copies(architecture), weights, (long)activations);
    }
}
