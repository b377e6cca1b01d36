using Factory.Core.Architecture;
using Factory.Trainer.Kernels;
using Factory.Trainer.LibTorch;
using Factory.Trainer.Model;
using Factory.Trainer.Tests.Model;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Factory.Trainer.Tests.Kernels;

/// <summary>Each fused kernel beside the plain operators: values and all gradients, for sizes that fill vectors and tiles and for sizes that do not.</summary>
public sealed class KernelTests
{
    public static TheoryData<int, int, int, int, int, int> Shapes => new()
    {
        // batch, time, hidden, inner, heads, key heads
        { 2, 64, 64, 96, 4, 4 },
        { 1, 1, 32, 16, 1, 1 },
        { 3, 50, 96, 101, 6, 2 },
        { 2, 129, 24, 40, 3, 1 },
        { 1, 49, 256, 688, 4, 2 },
        { 1, 31, 80, 33, 5, 5 },
    };

    public KernelTests() => LibTorchLibrary.Prepare();

    [Theory]
    [MemberData(nameof(Shapes))]
    public void RMSNorm_is_the_plain_one(int batch, int time, int hidden, int inner, int heads, int keyHeads)
    {
        _ = (inner, heads, keyHeads);
        AssertSame(
            inputs => inputs[0] * inputs[0].square().mean([-1], keepdim: true).add(1e-6).rsqrt() * (inputs[1] * 0.577),
            inputs => RmsNormFunction.Run(inputs[0], inputs[1], 0.577, 1e-6, ScalarType.Float32),
            randn(batch, time, hidden), randn(hidden));
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void SwiGLU_is_the_plain_one(int batch, int time, int hidden, int inner, int heads, int keyHeads)
    {
        _ = (hidden, heads, keyHeads);
        AssertSame(
            inputs => nn.functional.silu(inputs[0].narrow(-1, 0, inner)) * inputs[0].narrow(-1, inner, inner),
            inputs => SwiGluFunction.Run(inputs[0]),
            randn(batch, time, 2 * inner) * 4);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Attention_with_rotary_positions_is_the_plain_one(int batch, int time, int hidden, int inner, int heads, int keyHeads)
    {
        _ = inner;
        int size = hidden / heads;
        Tensor angles = arange(time).to(ScalarType.Float32).unsqueeze(1) * pow(tensor(10_000f), -arange(0, size, 2).to(ScalarType.Float32) / size);
        (Tensor cosine, Tensor sine) = (angles.cos().contiguous(), angles.sin().contiguous());
        AssertSame(
            inputs =>
            {
                Tensor query = Rotated(Heads(inputs[0], 0, heads));
                Tensor key = Rotated(Heads(inputs[0], heads, keyHeads)).repeat_interleave(heads / keyHeads, dim: 1);
                Tensor value = Heads(inputs[0], heads + keyHeads, keyHeads).repeat_interleave(heads / keyHeads, dim: 1);
                return nn.functional.scaled_dot_product_attention(query, key, value, is_casual: true).transpose(1, 2).reshape(batch, time, hidden);
            },
            inputs => AttentionFunction.Run(inputs[0], cosine, sine, heads, keyHeads),
            randn(batch, time, (heads + (2 * keyHeads)) * size));

        Tensor Heads(Tensor packed, int first, int count) => packed.narrow(2, first * size, count * size).view(batch, time, count, size).transpose(1, 2);

        Tensor Rotated(Tensor tensor)
        {
            Tensor[] halves = tensor.chunk(2, -1);
            return cat([(halves[0] * cosine) - (halves[1] * sine), (halves[1] * cosine) + (halves[0] * sine)], -1);
        }
    }

    public static TheoryData<string> Gemms => [.. KernelSet.All.Values.Where(set => set.Fused).Select(set => set.Name)];

    [Theory]
    [MemberData(nameof(Gemms))]
    public void Packed_linear_maps_are_the_single_ones(string kernels) =>
        AssertSame(
            inputs => cat([nn.functional.linear(inputs[0], inputs[1]), nn.functional.linear(inputs[0], inputs[2])], -1),
            inputs => LinearFunction.Run(KernelSet.Named(kernels).Gemm, inputs[0], inputs[1], inputs[2]),
            randn(2, 37, 50), randn(24, 50), randn(70, 50));

    [Theory]
    [MemberData(nameof(Gemms))]
    public void Weight_gradients_are_added_to_what_was_there(string kernels)
    {
        Gemm gemm = KernelSet.Named(kernels).Gemm;
        foreach ((long rows, long outputs, long inputs) in new[] { (1L, 1L, 1L), (300L, 50L, 17L), (257L, 97L, 300L), (512L, 48L, 256L) })
        {
            (Tensor gradient, Tensor x, Tensor sum) = (randn(rows, outputs), randn(rows, inputs), randn(outputs, inputs));
            Tensor expected = sum + gradient.t().mm(x);
            gemm.AddWeightGradient(gradient, x, sum);
            AssertClose(expected, sum, 1e-5);
        }
    }

    [Theory]
    [MemberData(nameof(Gemms))]
    public void Weight_gradients_that_are_added_piece_by_piece_are_the_whole_ones(string kernels)
    {
        // As many outputs as a vocabulary has: more than are added at a time.
        (Tensor gradient, Tensor x, Tensor sum) = (randn(7, 90_000).to(ScalarType.BFloat16), randn(7, 64).to(ScalarType.BFloat16), randn(90_000, 64));
        Tensor expected = sum + gradient.t().mm(x).to(ScalarType.Float32);
        KernelSet.Named(kernels).Gemm.AddWeightGradient(gradient, x, sum);
        AssertClose(expected, sum, 1e-6);
    }

    [Theory]
    [MemberData(nameof(Gemms))]
    public void Cross_entropy_over_several_chunks_and_micro_batches_is_the_plain_one(string kernels)
    {
        const int vocabulary = 40_000; // 209 rows a chunk
        Parameter[] heads = [.. Enumerable.Range(0, 2).Select(_ => new Parameter(randn(vocabulary, 12)))];
        heads[1].detach().copy_(heads[0].detach());
        for (int micro = 0; micro < 2; micro++)
        {
            Tensor hidden = randn(3, 80, 12);
            Tensor labels = randint(0, vocabulary, [3, 80], dtype: ScalarType.Int64);
            labels.narrow(1, 10 + micro, 13).fill_(CrossEntropy.Ignored);
            Tensor[] inputs = [hidden.clone().requires_grad_(), hidden.clone().requires_grad_()];
            Tensor expected = CrossEntropy.Backward(inputs[0] * 1, heads[0], labels, 222);
            Tensor found = FusedCrossEntropy.Backward(KernelSet.Named(kernels).Gemm, inputs[1] * 1, heads[1], labels, 1.0 / 222);
            AssertClose(expected, found, 1e-6);
            AssertClose(inputs[0].grad! * 222, inputs[1].grad! * 222, 1e-5);
        }
        AssertClose(heads[0].grad! * 222, heads[1].grad! * 222, 1e-5);
    }

    /// <summary>The whole model in all its methods, with both products.</summary>
    public static TheoryData<string, string> Models => [.. Gemms.SelectMany(kernels =>
        new[] { "pre", "lns", "post", "sandwich", "deepnorm", "layerscale", "mix", "group", "admin" }.Select(method => (kernels.Data, method)))];

    [Theory]
    [MemberData(nameof(Models))]
    public void A_model_computes_what_the_plain_one_computes(string kernels, string method)
    {
        (Tensor Logits, Tensor[] Gradients) exact = Run(method, ModelPlacement.Cpu(ScalarType.Float64));
        (Tensor Logits, Tensor[] Gradients) plain = Run(method, ModelPlacement.Cpu());
        (Tensor Logits, Tensor[] Gradients) fused = Run(method, ModelPlacement.Cpu() with { Kernels = KernelSet.Named(kernels) });
        AssertClose(exact.Logits, fused.Logits, 1e-4);
        foreach ((Tensor expected, Tensor other, Tensor found) in exact.Gradients.Zip(plain.Gradients, fused.Gradients))
        {
            // Some golden models amplify rounding: there the plain operators in float32 are the measure.
            AssertClose(expected, found, Math.Max(1e-4, 2 * Difference(expected, other)));
        }
    }

    /// <summary>bfloat16 rounds at other places than the plain operators do: no further from float32 than they are.</summary>
    [Theory]
    [MemberData(nameof(Models))]
    public void A_model_in_bfloat16_is_as_near_to_float32_as_the_plain_one(string kernels, string method)
    {
        var mixed = new ModelPlacement(CPU, ScalarType.Float32, ScalarType.BFloat16);
        (Tensor Logits, Tensor[] Gradients) exact = Run(method, ModelPlacement.Cpu());
        (Tensor Logits, Tensor[] Gradients) plain = Run(method, mixed);
        (Tensor Logits, Tensor[] Gradients) fused = Run(method, mixed with { Kernels = KernelSet.Named(kernels) });
        AssertAsNear(exact.Logits, plain.Logits, fused.Logits);
        AssertAsNear(Flat(exact), Flat(plain), Flat(fused));

        static Tensor Flat((Tensor Logits, Tensor[] Gradients) run) => cat([.. run.Gradients.Select(gradient => gradient.flatten())]);

        static void AssertAsNear(Tensor exact, Tensor plain, Tensor fused)
        {
            double allowed = Distance(exact, plain);
            double found = Distance(exact, fused);
            Assert.True(allowed > 0 && found <= 1.3 * allowed, FormattableString.Invariant($"{found:0.0e0} from float32, the plain one {allowed:0.0e0}"));
        }

        static double Distance(Tensor from, Tensor to) => (from.to(ScalarType.Float64) - to.to(ScalarType.Float64)).norm().item<double>();
    }

    private static (Tensor Logits, Tensor[] Gradients) Run(string method, ModelPlacement placement)
    {
        using LlamaModel model = TestModels.Load(GoldenData.At("method_golden", method), placement);
        using var generator = new Generator(2, CPU); // The global one belongs to all tests.
        Tensor ids = randint(0, model.Architecture.VocabularySize, [3, 20], dtype: ScalarType.Int64, generator: generator);
        Tensor logits = model.forward(ids);
        logits.backward([randn(logits.shape, generator: generator).to(logits.dtype)]);
        return (logits.detach(), [.. model.Architecture.Parameters.Select(spec => model.Weights[spec.Name].grad!.clone())]);
    }

    private static void AssertSame(Func<Tensor[], Tensor> plain, Func<Tensor[], Tensor> kernel, params Tensor[] inputs)
    {
        Tensor[] first = [.. inputs.Select(input => input.detach().clone().requires_grad_())];
        Tensor[] second = [.. inputs.Select(input => input.detach().clone().requires_grad_())];
        Tensor expected = plain(first);
        Tensor found = kernel(second);
        AssertClose(expected, found, 1e-5);
        Tensor gradient = randn(expected.shape);
        expected.backward([gradient]);
        found.backward([gradient]);
        Assert.All(first.Zip(second), pair => AssertClose(pair.First.grad!, pair.Second.grad!, 1e-5));
    }

    /// <summary>Differences relative to the largest number there is.</summary>
    private static void AssertClose(Tensor expected, Tensor found, double tolerance)
    {
        Assert.Equal(expected.shape, found.shape);
        double difference = Difference(expected, found);
        Assert.True(difference <= tolerance, FormattableString.Invariant($"differs by {difference:0.0e0}, limit {tolerance:0.0e0}"));
    }

    private static double Difference(Tensor expected, Tensor found)
    {
        double size = Math.Max(1, expected.abs().max().to(ScalarType.Float64).item<double>());
        return (expected.to(ScalarType.Float64) - found.to(ScalarType.Float64)).abs().max().item<double>() / size;
    }
}
