using System.Runtime.InteropServices;

using Factory.Trainer.LibTorch;

namespace Factory.Trainer.Kernels;

/// <summary>Parallel loops on libtorch's threads, so that kernels and operators never compete for cores.</summary>
internal static unsafe class Loop
{
    /// <summary>Runs <paramref name="body"/> over 0..<paramref name="count"/>, in one piece a thread.</summary>
    /// <param name="grain">Items that are not worth a second thread.</param>
    public static void For<TBody>(long count, long grain, TBody body) where TBody : unmanaged, ILoopBody
    {
        var context = new Context { Function = &Call<TBody>, Body = &body };
        LibTorchC.ParallelFor(count, grain, &Enter, &context);
    }

    [UnmanagedCallersOnly]
    private static void Enter(long begin, long end, void* context) => ((Context*)context)->Function(begin, end, ((Context*)context)->Body);

    private static void Call<TBody>(long begin, long end, void* body) where TBody : unmanaged, ILoopBody => ((TBody*)body)->Run(begin, end);

    private struct Context
    {
        public delegate*<long, long, void*, void> Function;
        public void* Body;
    }
}
