using Factory.Trainer.Buffers;
using Factory.Trainer.LibTorch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Factory.Trainer.Kernels;

/// <summary>The head's linear map, cross-entropy and both gradients in chunks of rows: the logits of a chunk become their gradient where they lie.</summary>
internal static unsafe class FusedCrossEntropy
{
    /// <summary>Rows with which a product over a whole vocabulary comes near its full speed, since each chunk reads the head and its gradient once more.</summary>
    private const long FullRows = 512;

    /// <summary>Numbers in a chunk of logits that may have more rows than that.</summary>
    private const long ChunkSize = 1 << 22;

    /// <summary>Rows of a chunk: as many as a block of memory holds that the C library keeps for the next chunk, and no more than pay.</summary>
    internal static long ChunkRows(long vocabulary, long elementSize) =>
        Math.Max(64, Math.Max(ChunkSize / vocabulary, Math.Min(FullRows, NativeHeap.LargestKept / (vocabulary * elementSize))));

    /// <summary>As the plain one: the weighted sum over labels, its gradient put into the head's and sent back through <paramref name="hidden"/>.</summary>
    /// <param name="hidden">(batch, time, hidden), float32 or bfloat16, with its graph.</param>
    /// <param name="head">(vocabulary, hidden), float32.</param>
    /// <param name="labels">(batch, time), int64; negative: counts for nothing.</param>
    /// <param name="weight">Factor on the sum.</param>
    /// <returns>A number outside the graph, float32.</returns>
    public static Tensor Backward(Gemm gemm, Tensor hidden, Parameter head, Tensor labels, double weight)
    {
        using StepClock.Span clock = StepClock.Measure(StepPart.Loss);
        using var noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor rows = hidden.detach().view(-1, hidden.shape[^1]);
        Tensor flat = labels.reshape(-1).contiguous();
        Tensor narrow = PackedWeight.Find(head)?.In(rows.dtype) ?? head.detach().to(rows.dtype);
        Tensor gradient = empty_like(rows);
        Tensor? headGradient = head.requires_grad ? head.grad ?? zeros_like(head) : null;
        double total = 0;
        long chunk = ChunkRows(head.shape[0], rows.element_size());
        for (long top = 0; top < rows.shape[0]; top += chunk)
        {
            using DisposeScope inner = NewDisposeScope();
            long count = Math.Min(chunk, rows.shape[0] - top);
            Tensor part = rows.narrow(0, top, count);
            Tensor logits = gemm.Forward(part, narrow); // (count, vocabulary)
            total += Run(logits, flat.narrow(0, top, count), (float)weight);
            gradient.narrow(0, top, count).copy_(gemm.InputGradient(logits, narrow));
            if (headGradient is not null)
            {
                gemm.AddWeightGradient(logits, part, headGradient);
            }
        }
        if (headGradient is not null && head.grad is null)
        {
            head.grad = headGradient.DetachFromDisposeScope();
        }
        using (StepClock.Measure(StepPart.Other))
        {
            hidden.backward([gradient.view(hidden.shape)]);
        }
        Handover.End();
        return tensor(total * weight, dtype: ScalarType.Float32).MoveToOuterDisposeScope();
    }

    private static double Run(Tensor logits, Tensor labels, float weight)
    {
        long count = logits.shape[0];
        using Tensor losses = empty(count, ScalarType.Float64);
        if (logits.dtype == ScalarType.BFloat16)
        {
            Loop.For(count, 1, Kernel<ushort, BFloat16Element>(logits, labels, weight, losses));
        }
        else
        {
            Loop.For(count, 1, Kernel<float, Float32Element>(logits, labels, weight, losses));
        }
        return losses.sum().item<double>();
    }

    private static CrossEntropyKernel<T, TElement> Kernel<T, TElement>(Tensor logits, Tensor labels, float weight, Tensor losses)
        where T : unmanaged
        where TElement : struct, IElement<T> => new()
        {
            Logits = (T*)LibTorchC.Data(logits),
            Vocabulary = logits.shape[1],
            Labels = (long*)LibTorchC.Data(labels),
            Weight = weight,
            Losses = (double*)LibTorchC.Data(losses),
        };
}
