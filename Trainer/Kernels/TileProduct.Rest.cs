using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Factory.Trainer.Kernels;

/// <summary>Rows that fill no large tile.</summary>
internal static unsafe partial class TileProduct
{
    /// <summary>The last rows, which fill no tile, over <paramref name="vectors"/> vectors of columns.</summary>
    private static void Rest(long row, long m, int vectors, long k, float* a, long aRow, long aColumn, float* b, long bRow, float* c, long cRow, bool add)
    {
        for (; vectors > 1 && row + 4 <= m; row += 4)
        {
            for (int vector = 0; vector < vectors; vector += 2)
            {
                Tile4x2(k, a + (row * aRow), aRow, aColumn, b + (16 * vector), bRow, c + (row * cRow) + (16 * vector), cRow, add);
            }
        }
        for (; row < m; row++)
        {
            for (int vector = 0; vector < vectors; vector++)
            {
                Tile1x1(k, a + (row * aRow), aColumn, b + (16 * vector), bRow, c + (row * cRow) + (16 * vector), add);
            }
        }
    }

    /// <summary>4 rows by 32 columns in registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile4x2(long k, float* a, long aRow, long aColumn, float* b, long bRow, float* c, long cRow, bool add)
    {
        Vector512<float> c00 = default, c01 = default;
        Vector512<float> c10 = default, c11 = default;
        Vector512<float> c20 = default, c21 = default;
        Vector512<float> c30 = default, c31 = default;
        for (long p = 0; p < k; p++)
        {
            Vector512<float> b0 = Vector512.Load(b);
            Vector512<float> b1 = Vector512.Load(b + 16);
            Vector512<float> x = Vector512.Create(*a);
            c00 = Vector512.FusedMultiplyAdd(x, b0, c00);
            c01 = Vector512.FusedMultiplyAdd(x, b1, c01);
            x = Vector512.Create(*(a + aRow));
            c10 = Vector512.FusedMultiplyAdd(x, b0, c10);
            c11 = Vector512.FusedMultiplyAdd(x, b1, c11);
            x = Vector512.Create(*(a + (2 * aRow)));
            c20 = Vector512.FusedMultiplyAdd(x, b0, c20);
            c21 = Vector512.FusedMultiplyAdd(x, b1, c21);
            x = Vector512.Create(*(a + (3 * aRow)));
            c30 = Vector512.FusedMultiplyAdd(x, b0, c30);
            c31 = Vector512.FusedMultiplyAdd(x, b1, c31);
            a += aColumn;
            b += bRow;
        }
        Put(c, add, c00, c01);
        Put(c + cRow, add, c10, c11);
        Put(c + (2 * cRow), add, c20, c21);
        Put(c + (3 * cRow), add, c30, c31);
    }

    /// <summary>One row by 16 columns in registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile1x1(long k, float* a, long aColumn, float* b, long bRow, float* c, bool add)
    {
        Vector512<float> c00 = default;
        for (long p = 0; p < k; p++)
        {
            Vector512<float> b0 = Vector512.Load(b);
            Vector512<float> x = Vector512.Create(*a);
            c00 = Vector512.FusedMultiplyAdd(x, b0, c00);
            a += aColumn;
            b += bRow;
        }
        Put(c, add, c00);
    }
}
