using Factory.Trainer.Kernels;
using Factory.Trainer.LibTorch;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Tests.Kernels;

/// <summary>Alone, since the number of threads is the whole process's.</summary>
[Collection(nameof(ThreadCountTests))]
[CollectionDefinition(nameof(ThreadCountTests), DisableParallelization = true)]
public sealed class ThreadCountTests
{
    public ThreadCountTests() => LibTorchLibrary.Prepare();

    [Fact]
    public void Another_number_of_threads_changes_no_bit_of_the_kernels()
    {
        int before = get_num_threads();
        try
        {
            set_num_threads(1);
            Tensor[] one = Gradients();
            set_num_threads(3);
            Tensor[] three = Gradients();
            Assert.All(one.Zip(three), pair => Assert.Equal(0, (pair.First - pair.Second).abs().max().item<float>()));
        }
        finally
        {
            set_num_threads(before);
        }

        static Tensor[] Gradients()
        {
            using var generator = new Generator(3, CPU);
            Tensor x = randn([3, 40, 48], generator: generator).requires_grad_();
            Tensor gain = randn([48], generator: generator).requires_grad_();
            Tensor packed = randn([3, 40, 3 * 48], generator: generator).requires_grad_();
            Tensor angles = randn([40, 6], generator: generator);
            RmsNormFunction.Run(x, gain, 1, 1e-6, ScalarType.Float32).sum().backward();
            AttentionFunction.Run(packed, angles.cos(), angles.sin(), 4, 4).square().sum().backward();
            return [x.grad!, gain.grad!, packed.grad!];
        }
    }
}
