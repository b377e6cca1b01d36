using Factory.Trainer.LibTorch;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Tests.LibTorch;

public sealed class HugePagesTests
{
    public HugePagesTests() => LibTorchLibrary.Prepare();

    [Fact]
    public unsafe void A_large_tensor_asks_the_kernel_for_huge_pages()
    {
        Assert.SkipUnless(Directory.Exists("/sys/kernel/mm/transparent_hugepage"), "the kernel has no transparent huge pages");
        using Tensor tensor = HugePages.Under(empty(1 << 24)); // 64 MiB
        Assert.Contains("hg", Flags((long)LibTorchC.Data(tensor) + (32 << 20)));
    }

    [Fact]
    public void Tensors_of_every_size_and_type_stay_usable()
    {
        foreach (ScalarType type in new[] { ScalarType.Float32, ScalarType.Float64, ScalarType.BFloat16 })
        {
            foreach (long count in new[] { 0L, 1L, (1 << 20) - 1, (1 << 21) + 7 })
            {
                using Tensor tensor = HugePages.Under(empty(count, type)).fill_(2);
                Assert.Equal(2.0 * count, tensor.sum(ScalarType.Float64).item<double>());
            }
        }
    }

    /// <summary>How the kernel treats the memory at an address (proc(5), smaps).</summary>
    private static string[] Flags(long address)
    {
        bool inside = false;
        foreach (string line in File.ReadLines("/proc/self/smaps"))
        {
            string[] range = line.Split(' ')[0].Split('-');
            if (range.Length == 2 && long.TryParse(range[0], System.Globalization.NumberStyles.HexNumber, null, out long start))
            {
                inside = start <= address && address < long.Parse(range[1], System.Globalization.NumberStyles.HexNumber, null);
            }
            else if (inside && line.StartsWith("VmFlags:", StringComparison.Ordinal))
            {
                return line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            }
        }
        return [];
    }
}
