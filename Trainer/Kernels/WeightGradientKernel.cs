using System.Runtime.InteropServices;

namespace Factory.Trainer.Kernels;

/// <summary>
/// Gradient (+)= outputGradientᵀ · input: the sum over all rows of a micro-batch, which no library has in this layout without transposing both. Panels
/// of both are packed so that the inner loop reads memory in order. One item is one block of the result, so that no sum depends on the threads.
/// </summary>
internal unsafe struct WeightGradientKernel : ILoopBody
{
    /// <summary>Rows of a block of the result: eight of <see cref="TileProduct"/>'s tiles.</summary>
    private const long BlockOutputs = 48;

    /// <summary>Columns of a block.</summary>
    private const long BlockInputs = 256;

    /// <summary>Rows that are summed before the block goes back to memory: panels of this height stay in the second-level cache.</summary>
    private const long Height = 256;

    /// <summary>(rows, outputs)</summary>
    public float* OutputGradient;

    /// <summary>(rows, inputs)</summary>
    public float* Input;

    /// <summary>(outputs, inputs)</summary>
    public float* Gradient;

    public long Rows;
    public long Outputs;
    public long Inputs;

    /// <summary>Whether to add to what <see cref="Gradient"/> holds.</summary>
    public bool Add;

    /// <summary>Blocks of the result.</summary>
    public readonly long Items => Ceiling(Outputs, BlockOutputs) * Ceiling(Inputs, BlockInputs);

    /// <summary>Items are blocks, row by row.</summary>
    public readonly void Run(long begin, long end)
    {
        long columns = Ceiling(Inputs, BlockInputs);
        var memory = (float*)NativeMemory.AlignedAlloc((nuint)(sizeof(float) * ((Height * (BlockOutputs + BlockInputs)) + (BlockOutputs * 16))), 64);
        float* left = memory;                                     // (height, blockOutputs)
        float* right = left + (Height * BlockOutputs);            // (height, padded width)
        float* edge = right + (Height * BlockInputs);             // (blockOutputs, 16)
        for (long item = begin; item < end; item++)
        {
            Block(item / columns * BlockOutputs, item % columns * BlockInputs, left, right, edge);
        }
        NativeMemory.AlignedFree(memory);
    }

    private readonly void Block(long output, long input, float* left, float* right, float* edge)
    {
        long outputs = Math.Min(BlockOutputs, Outputs - output);
        long inputs = Math.Min(BlockInputs, Inputs - input);
        long padded = Ceiling(inputs, 16) * 16;
        long whole = inputs / 16 * 16;
        float* target = Gradient + (output * Inputs) + input;
        for (long top = 0; top < Rows; top += Height)
        {
            long height = Math.Min(Height, Rows - top);
            Pack(OutputGradient + (top * Outputs) + output, Outputs, height, outputs, left, BlockOutputs);
            Pack(Input + (top * Inputs) + input, Inputs, height, inputs, right, padded);
            bool add = Add || top > 0;
            TileProduct.Run(outputs, whole, height, left, 1, BlockOutputs, right, padded, target, Inputs, add);
            if (whole < inputs)
            {
                TileProduct.Run(outputs, 16, height, left, 1, BlockOutputs, right + whole, padded, edge, 16, add: false);
                AddEdge(edge, outputs, target + whole, inputs - whole, add);
            }
        }
    }

    /// <summary>Columns beyond the last sixteen: the tile that was computed is wider than the result.</summary>
    private readonly void AddEdge(float* edge, long outputs, float* target, long width, bool add)
    {
        for (long row = 0; row < outputs; row++)
        {
            for (long i = 0; i < width; i++)
            {
                float* to = target + (row * Inputs) + i;
                *to = (add ? *to : 0) + edge[(row * 16) + i];
            }
        }
    }

    private static void Pack(float* source, long sourceRow, long rows, long width, float* target, long targetRow)
    {
        for (long row = 0; row < rows; row++)
        {
            var line = new Span<float>(target + (row * targetRow), (int)targetRow);
            new ReadOnlySpan<float>(source + (row * sourceRow), (int)width).CopyTo(line);
            line[(int)width..].Clear();
        }
    }

    private static long Ceiling(long value, long step) => (value + step - 1) / step;
}
