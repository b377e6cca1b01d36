using System.Numerics.Tensors;

namespace Factory.Exporter.Quantization;

/// <summary>
/// The upper triangular U with UᵀU = H⁻¹, which tells GPTQ how to spread an error over the columns to the right. With M upper triangular and
/// H = M·Mᵀ (a Cholesky factorisation from the last row up) it is M⁻¹.
/// </summary>
internal static class InverseFactor
{
    /// <param name="moments">H, symmetric, positive definite, shape (size, size); overwritten by the result.</param>
    public static void Compute(float[] moments, int size)
    {
        Factorise(moments, size);
        Invert(moments, size);
    }

    /// <summary>H = M·Mᵀ, in place: from the last column to the first, M[i, j] = (H[i, j] - Σ_{t>j} M[i, t]·M[j, t]) / M[j, j].</summary>
    private static void Factorise(float[] m, int size)
    {
        for (int j = size - 1; j >= 0; j--)
        {
            int column = j;
            ReadOnlySpan<float> tail = m.AsSpan((j * size) + j + 1, size - j - 1);
            float square = m[(j * size) + j] - TensorPrimitives.SumOfSquares(tail);
            if (!(square > 0))
            {
                throw new InvalidOperationException("The layer's statistics are not positive definite.");
            }
            float pivot = MathF.Sqrt(square);
            m[(j * size) + j] = pivot;
            For(j, size - j, i =>
            {
                int start = column + 1;
                float dot = TensorPrimitives.Dot<float>(m.AsSpan((i * size) + start, size - start), m.AsSpan((column * size) + start, size - start));
                m[(i * size) + column] = (m[(i * size) + column] - dot) / pivot;
            });
        }
    }

    /// <summary>M⁻¹, in place, from the last row up: row i = (e_i - Σ_{t>i} M[i, t] · row t) / M[i, i]. What stood below the diagonal becomes zero.</summary>
    private static void Invert(float[] m, int size)
    {
        var row = new float[size];
        for (int i = size - 1; i >= 0; i--)
        {
            row.AsSpan().Clear();
            row[i] = 1;
            for (int t = i + 1; t < size; t++)
            {
                TensorPrimitives.MultiplyAdd<float>(m.AsSpan((t * size) + t, size - t), -m[(i * size) + t], row.AsSpan(t), row.AsSpan(t));
            }
            float pivot = m[(i * size) + i];
            TensorPrimitives.Divide(row, pivot, m.AsSpan(i * size, size));
        }
    }

    /// <summary>A parallel loop where the work pays for it.</summary>
    private static void For(int count, int width, Action<int> body)
    {
        if ((long)count * width < 100_000)
        {
            for (int i = 0; i < count; i++)
            {
                body(i);
            }
            return;
        }
        Parallel.For(0, count, body);
    }
}
