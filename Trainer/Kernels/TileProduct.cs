using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Factory.Trainer.Kernels;

/// <summary>
/// Small matrix products of one thread, for attention's tiles: C (+)= A · B with A read by single numbers, so that it may be transposed, and B by
/// vectors. The inner loop keeps up to 24 vectors of C in registers; libtorch's batched product reaches about half of it at these sizes.
/// The tiles are written out, since the just-in-time compiler keeps single variables in registers but no arrays.
/// </summary>
internal static unsafe partial class TileProduct
{
    /// <param name="m">Rows of A and C.</param>
    /// <param name="n">Columns of B and C, a multiple of 16.</param>
    /// <param name="k">Columns of A, rows of B.</param>
    /// <param name="a">A(i, p) lies at a[i * aRow + p * aColumn].</param>
    /// <param name="bRow">Numbers from one row of B to the next.</param>
    /// <param name="cRow">Numbers from one row of C to the next.</param>
    /// <param name="add">Whether to add to what C holds.</param>
    public static void Run(long m, long n, long k, float* a, long aRow, long aColumn, float* b, long bRow, float* c, long cRow, bool add)
    {
        long column = 0;
        for (; column + 64 <= n; column += 64)
        {
            long row = 0;
            for (; row + 6 <= m; row += 6)
            {
                Tile6x4(k, a + (row * aRow), aRow, aColumn, b + column, bRow, c + (row * cRow) + column, cRow, add);
            }
            Rest(row, m, 4, k, a, aRow, aColumn, b + column, bRow, c + column, cRow, add);
        }
        for (; column + 32 <= n; column += 32)
        {
            long row = 0;
            for (; row + 12 <= m; row += 12)
            {
                Tile12x2(k, a + (row * aRow), aRow, aColumn, b + column, bRow, c + (row * cRow) + column, cRow, add);
            }
            Rest(row, m, 2, k, a, aRow, aColumn, b + column, bRow, c + column, cRow, add);
        }
        for (; column < n; column += 16)
        {
            long row = 0;
            for (; row + 12 <= m; row += 12)
            {
                Tile12x1(k, a + (row * aRow), aRow, aColumn, b + column, bRow, c + (row * cRow) + column, cRow, add);
            }
            Rest(row, m, 1, k, a, aRow, aColumn, b + column, bRow, c + column, cRow, add);
        }
    }

    /// <summary>6 rows by 64 columns in registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile6x4(long k, float* a, long aRow, long aColumn, float* b, long bRow, float* c, long cRow, bool add)
    {
        Vector512<float> c00 = default, c01 = default, c02 = default, c03 = default;
        Vector512<float> c10 = default, c11 = default, c12 = default, c13 = default;
        Vector512<float> c20 = default, c21 = default, c22 = default, c23 = default;
        Vector512<float> c30 = default, c31 = default, c32 = default, c33 = default;
        Vector512<float> c40 = default, c41 = default, c42 = default, c43 = default;
        Vector512<float> c50 = default, c51 = default, c52 = default, c53 = default;
        for (long p = 0; p < k; p++)
        {
            Vector512<float> b0 = Vector512.Load(b);
            Vector512<float> b1 = Vector512.Load(b + 16);
            Vector512<float> b2 = Vector512.Load(b + 32);
            Vector512<float> b3 = Vector512.Load(b + 48);
            Vector512<float> x = Vector512.Create(*a);
            c00 = Vector512.FusedMultiplyAdd(x, b0, c00);
            c01 = Vector512.FusedMultiplyAdd(x, b1, c01);
            c02 = Vector512.FusedMultiplyAdd(x, b2, c02);
            c03 = Vector512.FusedMultiplyAdd(x, b3, c03);
            x = Vector512.Create(*(a + aRow));
            c10 = Vector512.FusedMultiplyAdd(x, b0, c10);
            c11 = Vector512.FusedMultiplyAdd(x, b1, c11);
            c12 = Vector512.FusedMultiplyAdd(x, b2, c12);
            c13 = Vector512.FusedMultiplyAdd(x, b3, c13);
            x = Vector512.Create(*(a + (2 * aRow)));
            c20 = Vector512.FusedMultiplyAdd(x, b0, c20);
            c21 = Vector512.FusedMultiplyAdd(x, b1, c21);
            c22 = Vector512.FusedMultiplyAdd(x, b2, c22);
            c23 = Vector512.FusedMultiplyAdd(x, b3, c23);
            x = Vector512.Create(*(a + (3 * aRow)));
            c30 = Vector512.FusedMultiplyAdd(x, b0, c30);
            c31 = Vector512.FusedMultiplyAdd(x, b1, c31);
            c32 = Vector512.FusedMultiplyAdd(x, b2, c32);
            c33 = Vector512.FusedMultiplyAdd(x, b3, c33);
            x = Vector512.Create(*(a + (4 * aRow)));
            c40 = Vector512.FusedMultiplyAdd(x, b0, c40);
            c41 = Vector512.FusedMultiplyAdd(x, b1, c41);
            c42 = Vector512.FusedMultiplyAdd(x, b2, c42);
            c43 = Vector512.FusedMultiplyAdd(x, b3, c43);
            x = Vector512.Create(*(a + (5 * aRow)));
            c50 = Vector512.FusedMultiplyAdd(x, b0, c50);
            c51 = Vector512.FusedMultiplyAdd(x, b1, c51);
            c52 = Vector512.FusedMultiplyAdd(x, b2, c52);
            c53 = Vector512.FusedMultiplyAdd(x, b3, c53);
            a += aColumn;
            b += bRow;
        }
        Put(c, add, c00, c01, c02, c03);
        Put(c + cRow, add, c10, c11, c12, c13);
        Put(c + (2 * cRow), add, c20, c21, c22, c23);
        Put(c + (3 * cRow), add, c30, c31, c32, c33);
        Put(c + (4 * cRow), add, c40, c41, c42, c43);
        Put(c + (5 * cRow), add, c50, c51, c52, c53);
    }

    /// <summary>12 rows by 32 columns in registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile12x2(long k, float* a, long aRow, long aColumn, float* b, long bRow, float* c, long cRow, bool add)
    {
        Vector512<float> c00 = default, c01 = default;
        Vector512<float> c10 = default, c11 = default;
        Vector512<float> c20 = default, c21 = default;
        Vector512<float> c30 = default, c31 = default;
        Vector512<float> c40 = default, c41 = default;
        Vector512<float> c50 = default, c51 = default;
        Vector512<float> c60 = default, c61 = default;
        Vector512<float> c70 = default, c71 = default;
        Vector512<float> c80 = default, c81 = default;
        Vector512<float> c90 = default, c91 = default;
        Vector512<float> c100 = default, c101 = default;
        Vector512<float> c110 = default, c111 = default;
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
            x = Vector512.Create(*(a + (4 * aRow)));
            c40 = Vector512.FusedMultiplyAdd(x, b0, c40);
            c41 = Vector512.FusedMultiplyAdd(x, b1, c41);
            x = Vector512.Create(*(a + (5 * aRow)));
            c50 = Vector512.FusedMultiplyAdd(x, b0, c50);
            c51 = Vector512.FusedMultiplyAdd(x, b1, c51);
            x = Vector512.Create(*(a + (6 * aRow)));
            c60 = Vector512.FusedMultiplyAdd(x, b0, c60);
            c61 = Vector512.FusedMultiplyAdd(x, b1, c61);
            x = Vector512.Create(*(a + (7 * aRow)));
            c70 = Vector512.FusedMultiplyAdd(x, b0, c70);
            c71 = Vector512.FusedMultiplyAdd(x, b1, c71);
            x = Vector512.Create(*(a + (8 * aRow)));
            c80 = Vector512.FusedMultiplyAdd(x, b0, c80);
            c81 = Vector512.FusedMultiplyAdd(x, b1, c81);
            x = Vector512.Create(*(a + (9 * aRow)));
            c90 = Vector512.FusedMultiplyAdd(x, b0, c90);
            c91 = Vector512.FusedMultiplyAdd(x, b1, c91);
            x = Vector512.Create(*(a + (10 * aRow)));
            c100 = Vector512.FusedMultiplyAdd(x, b0, c100);
            c101 = Vector512.FusedMultiplyAdd(x, b1, c101);
            x = Vector512.Create(*(a + (11 * aRow)));
            c110 = Vector512.FusedMultiplyAdd(x, b0, c110);
            c111 = Vector512.FusedMultiplyAdd(x, b1, c111);
            a += aColumn;
            b += bRow;
        }
        Put(c, add, c00, c01);
        Put(c + cRow, add, c10, c11);
        Put(c + (2 * cRow), add, c20, c21);
        Put(c + (3 * cRow), add, c30, c31);
        Put(c + (4 * cRow), add, c40, c41);
        Put(c + (5 * cRow), add, c50, c51);
        Put(c + (6 * cRow), add, c60, c61);
        Put(c + (7 * cRow), add, c70, c71);
        Put(c + (8 * cRow), add, c80, c81);
        Put(c + (9 * cRow), add, c90, c91);
        Put(c + (10 * cRow), add, c100, c101);
        Put(c + (11 * cRow), add, c110, c111);
    }

    /// <summary>12 rows by 16 columns in registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile12x1(long k, float* a, long aRow, long aColumn, float* b, long bRow, float* c, long cRow, bool add)
    {
        Vector512<float> c00 = default;
        Vector512<float> c10 = default;
        Vector512<float> c20 = default;
        Vector512<float> c30 = default;
        Vector512<float> c40 = default;
        Vector512<float> c50 = default;
        Vector512<float> c60 = default;
        Vector512<float> c70 = default;
        Vector512<float> c80 = default;
        Vector512<float> c90 = default;
        Vector512<float> c100 = default;
        Vector512<float> c110 = default;
        for (long p = 0; p < k; p++)
        {
            Vector512<float> b0 = Vector512.Load(b);
            Vector512<float> x = Vector512.Create(*a);
            c00 = Vector512.FusedMultiplyAdd(x, b0, c00);
            x = Vector512.Create(*(a + aRow));
            c10 = Vector512.FusedMultiplyAdd(x, b0, c10);
            x = Vector512.Create(*(a + (2 * aRow)));
            c20 = Vector512.FusedMultiplyAdd(x, b0, c20);
            x = Vector512.Create(*(a + (3 * aRow)));
            c30 = Vector512.FusedMultiplyAdd(x, b0, c30);
            x = Vector512.Create(*(a + (4 * aRow)));
            c40 = Vector512.FusedMultiplyAdd(x, b0, c40);
            x = Vector512.Create(*(a + (5 * aRow)));
            c50 = Vector512.FusedMultiplyAdd(x, b0, c50);
            x = Vector512.Create(*(a + (6 * aRow)));
            c60 = Vector512.FusedMultiplyAdd(x, b0, c60);
            x = Vector512.Create(*(a + (7 * aRow)));
            c70 = Vector512.FusedMultiplyAdd(x, b0, c70);
            x = Vector512.Create(*(a + (8 * aRow)));
            c80 = Vector512.FusedMultiplyAdd(x, b0, c80);
            x = Vector512.Create(*(a + (9 * aRow)));
            c90 = Vector512.FusedMultiplyAdd(x, b0, c90);
            x = Vector512.Create(*(a + (10 * aRow)));
            c100 = Vector512.FusedMultiplyAdd(x, b0, c100);
            x = Vector512.Create(*(a + (11 * aRow)));
            c110 = Vector512.FusedMultiplyAdd(x, b0, c110);
            a += aColumn;
            b += bRow;
        }
        Put(c, add, c00);
        Put(c + cRow, add, c10);
        Put(c + (2 * cRow), add, c20);
        Put(c + (3 * cRow), add, c30);
        Put(c + (4 * cRow), add, c40);
        Put(c + (5 * cRow), add, c50);
        Put(c + (6 * cRow), add, c60);
        Put(c + (7 * cRow), add, c70);
        Put(c + (8 * cRow), add, c80);
        Put(c + (9 * cRow), add, c90);
        Put(c + (10 * cRow), add, c100);
        Put(c + (11 * cRow), add, c110);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(float* c, bool add, Vector512<float> first) => (add ? first + Vector512.Load(c) : first).Store(c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(float* c, bool add, Vector512<float> first, Vector512<float> second)
    {
        Put(c, add, first);
        Put(c + 16, add, second);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(float* c, bool add, Vector512<float> first, Vector512<float> second, Vector512<float> third, Vector512<float> fourth)
    {
        Put(c, add, first, second);
        Put(c + 32, add, third, fourth);
    }
}
