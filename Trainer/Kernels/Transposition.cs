using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Factory.Trainer.Kernels;

/// <summary>Transposes squares of 16 by 16 float32 numbers: in registers where the processor has AVX-512, number by number elsewhere.</summary>
internal static unsafe class Transposition
{
    public const long Side = 16;

    /// <param name="rows">Rows of the source, 16 at most; the others count as zeros.</param>
    /// <param name="sourceRow">Numbers from one row of the source to the next.</param>
    public static void Run(float* source, long sourceRow, long rows, float* target, long targetRow)
    {
        if (!Avx512F.IsSupported || rows < Side)
        {
            for (long i = 0; i < Side; i++)
            {
                for (long row = 0; row < Side; row++)
                {
                    target[(i * targetRow) + row] = row < rows ? source[(row * sourceRow) + i] : 0;
                }
            }
            return;
        }
        // Four rows at a time become four columns of four numbers in each quarter of the vectors; then the quarters change places.
        Four(source, sourceRow, out Vector512<float> a0, out Vector512<float> a1, out Vector512<float> a2, out Vector512<float> a3);
        Four(source + (4 * sourceRow), sourceRow, out Vector512<float> b0, out Vector512<float> b1, out Vector512<float> b2, out Vector512<float> b3);
        Four(source + (8 * sourceRow), sourceRow, out Vector512<float> c0, out Vector512<float> c1, out Vector512<float> c2, out Vector512<float> c3);
        Four(source + (12 * sourceRow), sourceRow, out Vector512<float> d0, out Vector512<float> d1, out Vector512<float> d2, out Vector512<float> d3);
        Quarters(a0, b0, c0, d0, target, targetRow);
        Quarters(a1, b1, c1, d1, target + targetRow, targetRow);
        Quarters(a2, b2, c2, d2, target + (2 * targetRow), targetRow);
        Quarters(a3, b3, c3, d3, target + (3 * targetRow), targetRow);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Four(float* source, long row, out Vector512<float> first, out Vector512<float> second, out Vector512<float> third, out Vector512<float> fourth)
    {
        Vector512<float> r0 = Vector512.Load(source);
        Vector512<float> r1 = Vector512.Load(source + row);
        Vector512<float> r2 = Vector512.Load(source + (2 * row));
        Vector512<float> r3 = Vector512.Load(source + (3 * row));
        Vector512<double> low01 = Avx512F.UnpackLow(r0, r1).AsDouble();
        Vector512<double> high01 = Avx512F.UnpackHigh(r0, r1).AsDouble();
        Vector512<double> low23 = Avx512F.UnpackLow(r2, r3).AsDouble();
        Vector512<double> high23 = Avx512F.UnpackHigh(r2, r3).AsDouble();
        first = Avx512F.UnpackLow(low01, low23).AsSingle();
        second = Avx512F.UnpackHigh(low01, low23).AsSingle();
        third = Avx512F.UnpackLow(high01, high23).AsSingle();
        fourth = Avx512F.UnpackHigh(high01, high23).AsSingle();
    }

    /// <summary>Quarter q of the four vectors, side by side, is row 4 q of the result.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Quarters(Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d, float* target, long row)
    {
        Vector512<float> ab01 = Avx512F.Shuffle4x128(a, b, 0x44); // a0 a1 b0 b1
        Vector512<float> ab23 = Avx512F.Shuffle4x128(a, b, 0xEE); // a2 a3 b2 b3
        Vector512<float> cd01 = Avx512F.Shuffle4x128(c, d, 0x44);
        Vector512<float> cd23 = Avx512F.Shuffle4x128(c, d, 0xEE);
        Avx512F.Shuffle4x128(ab01, cd01, 0x88).Store(target);
        Avx512F.Shuffle4x128(ab01, cd01, 0xDD).Store(target + (4 * row));
        Avx512F.Shuffle4x128(ab23, cd23, 0x88).Store(target + (8 * row));
        Avx512F.Shuffle4x128(ab23, cd23, 0xDD).Store(target + (12 * row));
    }
}
