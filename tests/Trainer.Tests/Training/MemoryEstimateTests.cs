using Factory.Core.Architecture;
using Factory.Core.Architecture.Methods;
using Factory.Trainer.Recipes;
using Factory.Trainer.Training;

namespace Factory.Trainer.Tests.Training;

public sealed class MemoryEstimateTests
{
    /// <summary>Peaks of bench/Training's process in MB, as docs/training.md has them; the estimate counts tensors, so it must come out near each.</summary>
    [Theory]
    [InlineData(128, 344, 8, 4, 2048, 4, 4, Precision.Fp32, "fused-onednn", false, 434)]
    [InlineData(256, 688, 8, 4, 8192, 16, 16, Precision.Fp32, "fused-onednn", false, 1390)]
    [InlineData(256, 688, 8, 4, 8192, 16, 4, Precision.Fp32, "fused-onednn", false, 732)]
    [InlineData(512, 1376, 12, 8, 8192, 4, 2, Precision.Fp32, "fused-onednn", false, 1412)]
    [InlineData(512, 1376, 12, 8, 8192, 8, 8, Precision.Fp32, "fused-onednn", false, 2410)]
    [InlineData(256, 688, 8, 4, 8192, 16, 16, Precision.Fp32, "fused-onednn", true, 999)]
    [InlineData(128, 344, 8, 4, 2048, 4, 4, Precision.Bf16, "fused-onednn", false, 421)]
    [InlineData(256, 688, 8, 4, 8192, 16, 16, Precision.Bf16, "fused-onednn", false, 1010)]
    [InlineData(256, 688, 8, 4, 8192, 16, 4, Precision.Bf16, "fused-onednn", false, 701)]
    [InlineData(512, 1376, 12, 8, 8192, 4, 2, Precision.Bf16, "fused-onednn", false, 1403)]
    [InlineData(512, 1376, 12, 8, 8192, 8, 8, Precision.Bf16, "fused-onednn", false, 1950)]
    [InlineData(256, 688, 8, 4, 8192, 16, 16, Precision.Bf16, "fused-onednn", true, 780)]
    [InlineData(128, 344, 8, 4, 2048, 4, 4, Precision.Fp32, "plain", false, 486)]
    [InlineData(256, 688, 8, 4, 8192, 16, 16, Precision.Fp32, "plain", false, 1724)]
    [InlineData(256, 688, 8, 4, 8192, 16, 4, Precision.Fp32, "plain", false, 893)]
    [InlineData(512, 1376, 12, 8, 8192, 4, 2, Precision.Fp32, "plain", false, 1489)]
    [InlineData(256, 688, 8, 4, 8192, 16, 16, Precision.Fp32, "plain", true, 1017)]
    [InlineData(128, 344, 8, 4, 2048, 4, 4, Precision.Bf16, "plain", false, 439)]
    [InlineData(256, 688, 8, 4, 8192, 16, 16, Precision.Bf16, "plain", false, 1181)]
    [InlineData(256, 688, 8, 4, 8192, 16, 4, Precision.Bf16, "plain", false, 747)]
    [InlineData(512, 1376, 12, 8, 8192, 4, 2, Precision.Bf16, "plain", false, 1496)]
    [InlineData(256, 688, 8, 4, 8192, 16, 16, Precision.Bf16, "plain", true, 830)]
    [InlineData(512, 1376, 12, 8, 8192, 8, 8, Precision.Fp32, "fused-onednn", true, 1760)]
    [InlineData(512, 1376, 12, 8, 8192, 8, 8, Precision.Bf16, "fused-onednn", true, 1544)]
    [InlineData(512, 1368, 12, 8, 32000, 8, 8, Precision.Bf16, "fused-onednn", false, 2404)]
    [InlineData(768, 2048, 12, 12, 32000, 4, 4, Precision.Fp32, "fused-onednn", false, 3477)]
    [InlineData(768, 2048, 12, 12, 32000, 4, 4, Precision.Bf16, "fused-onednn", false, 3424)]
    [InlineData(768, 2560, 24, 16, 32000, 4, 4, Precision.Bf16, "fused-onednn", false, 6163)]
    [InlineData(1024, 2736, 24, 16, 32000, 2, 2, Precision.Fp32, "fused-onednn", false, 7543)]
    [InlineData(1024, 2736, 24, 16, 32000, 2, 2, Precision.Bf16, "fused-onednn", false, 7684)]
    public void Peaks_that_were_measured_are_met_within_15_percent(
        int hidden, int inner, int blocks, int heads, int vocabulary, int batch, int micro, Precision precision, string kernels, bool recompute, double measured)
    {
        LlamaArchitecture shape = Shape(hidden, inner, blocks, heads, vocabulary);
        double estimate = MemoryEstimate.For(shape, Recipe(batch, micro, precision, kernels, recompute)).Peak / 1e6;
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

    private static Recipe Recipe(int batch, int micro, Precision precision, string kernels, bool recompute = false)
    {
        Recipe recipe = RecipeDefaults.For(RecipeDefaults.Modern, RecipeDefaults.Preset, precision);
        return recipe with
        {
            Run = recipe.Run with { Kernels = kernels, Recompute = recompute },
            Data = recipe.Data with { BatchSize = batch, MicroBatchSize = micro, SequenceLength = 256 },
        };
    }
}
