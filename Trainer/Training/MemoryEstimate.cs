using Factory.Core.Architecture;
using Factory.Trainer.Kernels;
using Factory.Trainer.Recipes;

namespace Factory.Trainer.Training;

/// <summary>
/// How much memory training takes on a CPU, in bytes: counted are the tensors that each kernel set keeps; <see cref="Process"/> and
/// <see cref="Slack"/> were measured (docs/training.md has the table and its command).
/// </summary>
/// <param name="Process">The runtime, libtorch and its code, before there is a model.</param>
/// <param name="State">Weights and both moments.</param>
/// <param name="Gradients">One for every weight.</param>
/// <param name="Activations">What the backward pass of one micro-batch needs.</param>
/// <param name="Slack">Resident for each byte counted: the allocator's gaps between tensors of many sizes, and the library's own buffers.</param>
/// <param name="Accumulates">Whether the gradients of a micro-batch already stand while the next one's activations grow.</param>
public sealed record MemoryEstimate(long Process, long State, long Gradients, long Activations, double Slack, bool Accumulates)
{
    /// <summary>Largest resident size of the run.</summary>
    public long Peak => Process + (long)(Slack * (State + (Accumulates ? Gradients + Activations : Math.Max(Gradients, Activations))));

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
        var kept = new KeptTensors(fused, weight, recipe.Run.Precision == Precision.Fp32 ? 4 : 2);
        long tokens = (long)rows * recipe.Data.SequenceLength;
        long weights = weight * architecture.Parameters.TotalCount;
        return new MemoryEstimate(
            fused ? 316_000_000 : 280_000_000, 3 * weights, weights, kept.Bytes(architecture, tokens), fused ? 1.56 : 1.3, rows < recipe.Data.BatchSize);
    }
}
