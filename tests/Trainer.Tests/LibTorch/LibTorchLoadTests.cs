using static TorchSharp.torch;

namespace Factory.Trainer.Tests.LibTorch;

public sealed class LibTorchLoadTests
{
    [Fact]
    public void Libtorch_loads_on_this_host_and_multiplies_matrices()
    {
        using var left = tensor(new float[] { 1, 2, 3, 4 }).reshape(2, 2);
        using var product = left.matmul(left);
        Assert.Equal([7f, 10f, 15f, 22f], product.data<float>().ToArray());
    }
}
