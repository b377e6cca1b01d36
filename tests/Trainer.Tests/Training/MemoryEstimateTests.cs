using Factory.Core.Architecture;
using Factory.Core.Architecture.Methods;
using Factory.Trainer.Recipes;
using Factory.Trainer.Training;

namespace Factory.Trainer.Tests.Training;

public sealed class MemoryEstimateTests
{
    /// <summary>Peaks of bench/Training's process in MB, as docs/training.md has them; the estimate counts tensors, so it must come out near each.</summary>
    [Theory]
    [InlineData(128, 344, 8, 4, 2048, 4, 4, Precision.Fp32, "fused-onednn", 438)]
    [InlineData(128, 344, 8, 4, 2048, 4, 4, Precision.Bf16, "fused-onednn", 403)]
    [InlineData(128, 344, 8, 4, 2048, 4, 4, Precision.Fp32, "plain", 464)]
    [InlineData(128, 344, 8, 4, 2048, 4, 4, Precision.Bf16, "plain", 424)]
    [InlineData(256, 688, 8, 4, 8192, 16, 16, Precision.Fp32, "fused-onednn", 1638)]
    [InlineData(256, 688, 8, 4, 8192, 16, 16, Precision.Bf16, "fused-onednn", 1015)]
    [InlineData(256, 688, 8, 4, 8192, 16, 16, Precision.Fp32, "plain", 1585)]
    [InlineData(256, 688, 8, 4, 8192, 16, 16, Precision.Bf16, "plain", 1116)]
    [InlineData(256, 688, 8, 4, 8192, 16, 4, Precision.Fp32, "fused-onednn", 1014)]
    [InlineData(256, 688, 8, 4, 8192, 16, 4, Precision.Bf16, "fused-onednn", 765)]
    [InlineData(256, 688, 8, 4, 8192, 16, 4, Precision.Fp32, "plain", 943)]
    [InlineData(256, 688, 8, 4, 8192, 16, 4, Precision.Bf16, "plain", 715)]
    [InlineData(512, 1376, 12, 8, 8192, 4, 2, Precision.Fp32, "fused-onednn", 1755)]
    [InlineData(512, 1376, 12, 8, 8192, 4, 2, Precision.Bf16, "fused-onednn", 1573)]
    [InlineData(512, 1376, 12, 8, 8192, 4, 2, Precision.Fp32, "plain", 1623)]
    [InlineData(512, 1376, 12, 8, 8192, 4, 2, Precision.Bf16, "plain", 1447)]
    [InlineData(512, 1376, 12, 8, 8192, 8, 8, Precision.Fp32, "fused-onednn", 2579)]
    [InlineData(512, 1376, 12, 8, 8192, 8, 8, Precision.Bf16, "fused-onednn", 2003)]
    public void Peaks_that_were_measured_are_met_within_15_percent(
        int hidden, int inner, int blocks, int heads, int vocabulary, int batch, int micro, Precision precision, string kernels, double measured)
    {
        LlamaArchitecture shape = Shape(hidden, inner, blocks, heads, vocabulary);
        double estimate = MemoryEstimate.For(shape, Recipe(batch, micro, precision, kernels)).Peak / 1e6;
        Assert.InRange(estimate / measured, 0.85, 1.15);
    }

    [Fact]
    public void The_largest_micro_batch_fits_and_the_next_divisor_of_the_batch_does_not()
    {
        LlamaArchitecture shape = Shape(256, 688, 8, 4, 8192);
        const long available = 1_000_000_000;
        int rows = MemoryEstimate.LargestMicroBatch(shape, Recipe(64, 1, Precision.Fp32, "fused-onednn"), available);
        Assert.InRange(rows, 1, 32);
        Assert.Equal(0, 64 % rows);
        Assert.True(MemoryEstimate.For(shape, Recipe(64, rows, Precision.Fp32, "fused-onednn")).Peak <= available);
        Assert.True(MemoryEstimate.For(shape, Recipe(64, rows * 2, Precision.Fp32, "fused-onednn")).Peak > available);
        Assert.Equal(0, MemoryEstimate.LargestMicroBatch(shape, Recipe(64, 1, Precision.Fp32, "fused-onednn"), 300_000_000));
    }

    [Fact]
    public void More_tokens_wider_numbers_and_plain_operators_keep_more()
    {
        LlamaArchitecture shape = Shape(256, 688, 8, 4, 8192);
        Assert.True(Activations(4, Precision.Fp32, "fused-onednn") < Activations(8, Precision.Fp32, "fused-onednn"));
        Assert.True(Activations(8, Precision.Bf16, "fused-onednn") < Activations(8, Precision.Fp32, "fused-onednn"));
        Assert.True(Activations(8, Precision.Fp32, "fused-onednn") < Activations(8, Precision.Fp32, "plain"));

        long Activations(int micro, Precision precision, string kernels) => MemoryEstimate.For(shape, Recipe(8, micro, precision, kernels)).Activations;
    }

    private static LlamaArchitecture Shape(int hidden, int inner, int blocks, int heads, int vocabulary) => new()
    {
        VocabularySize = vocabulary,
        HiddenSize = hidden,
        IntermediateSize = inner,
        BlockCount = blocks,
        Heads = heads,
        KeyValueHeads = heads,
        HeadSize = hidden / heads,
        MaxPositions = 256,
        NormScheme = NormSchemes.Lns,
    };

    private static Recipe Recipe(int batch, int micro, Precision precision, string kernels)
    {
        Recipe recipe = RecipeDefaults.For(RecipeDefaults.Modern, RecipeDefaults.Preset, precision);
        return recipe with
        {
            Run = recipe.Run with { Kernels = kernels },
            Data = recipe.Data with { BatchSize = batch, MicroBatchSize = micro, SequenceLength = 256 },
        };
    }
}
