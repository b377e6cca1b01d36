using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.LibTorch;

/// <summary>
/// Functions of libtorch's C interface that TorchSharp has no wrapper for. They are looked up once in the libtorch that is loaded; where one is
/// missing, the kernels that need it are not used.
/// </summary>
internal static unsafe class LibTorchC
{
    private static readonly nint Library = Find();

    private static readonly delegate* unmanaged<long, long, long, delegate* unmanaged<long, long, void*, void>, void*, int> ParallelForFunction =
        (delegate* unmanaged<long, long, long, delegate* unmanaged<long, long, void*, void>, void*, int>)Export("torch_parallel_for");

    private static readonly delegate* unmanaged<nint, void**, int> DataFunction = (delegate* unmanaged<nint, void**, int>)Export("aoti_torch_get_data_ptr");

    private static readonly delegate* unmanaged<nint, nint, nint*, byte*, double**, long, byte**, nint*, int> LinearFunction =
        (delegate* unmanaged<nint, nint, nint*, byte*, double**, long, byte**, nint*, int>)Export("aoti_torch_cpu__linear_pointwise");

    /// <summary>Whether loops and data pointers, which every kernel needs, are there.</summary>
    public static bool HasLoops => ParallelForFunction is not null && DataFunction is not null;

    /// <summary>Whether oneDNN's linear map is there.</summary>
    public static bool HasLinear => LinearFunction is not null;

    /// <summary>Address of the first number of a dense tensor on the CPU.</summary>
    public static void* Data(Tensor tensor)
    {
        void* data;
        Check(DataFunction(tensor.Handle, &data));
        return data;
    }

    /// <summary>Runs <paramref name="body"/> over pieces of 0..<paramref name="count"/> on libtorch's own threads.</summary>
    public static void ParallelFor(long count, long grain, delegate* unmanaged<long, long, void*, void> body, void* context) =>
        Check(ParallelForFunction(0, count, grain, body, context));

    /// <summary>x · weightᵀ by oneDNN, outside autograd.</summary>
    /// <param name="x">(rows, inputs)</param>
    /// <param name="weight">(outputs, inputs)</param>
    /// <returns>(rows, outputs)</returns>
    public static Tensor Linear(Tensor x, Tensor weight)
    {
        nint result;
        fixed (byte* none = "none\0"u8)
        {
            Check(LinearFunction(x.Handle, weight.Handle, null, none, null, 0, null, &result));
        }
        return Tensor.UnsafeCreateTensor(result);
    }

    /// <summary>The libtorch that this process has: loading another way than <see cref="LibTorchLibrary"/> does would bring in a second one.</summary>
    private static nint Find()
    {
        LibTorchLibrary.Prepare();
        return NativeLibrary.TryLoad("libtorch_cpu.so", out nint library) ? library : 0;
    }

    private static nint Export(string name) => Library != 0 && NativeLibrary.TryGetExport(Library, name, out nint address) ? address : 0;

    private static void Check(int error)
    {
        if (error != 0)
        {
            throw new InvalidOperationException("libtorch's C interface refused a call.");
        }
    }
}
