namespace Factory.Exporter;

/// <summary>
/// Where the channels of a head lie in the graph. ONNX Runtime's GroupQueryAttention with rotary positions takes head sizes that are multiples of
/// 16; other heads get channels of zeros, which change no product. Each half grows at its end, so that channel i still turns with channel i + size/2:
/// <code>size 6:  a b c | d e f   ─►   a b c 0 0 0 0 0 | d e f 0 0 0 0 0</code>
/// </summary>
/// <param name="size">Channels per head of the model.</param>
/// <param name="multiple">What the attention's operator asks for.</param>
internal sealed class HeadLayout(int size, int multiple = 16)
{
    /// <summary>Channels per head in the graph.</summary>
    public int PaddedSize { get; } = (size + multiple - 1) / multiple * multiple;

    /// <summary>Inserts rows of zeros.</summary>
    /// <param name="rows">Shape (heads * size, <paramref name="width"/>).</param>
    /// <returns>Shape (heads * PaddedSize, width).</returns>
    public float[] PadRows(float[] rows, int width) => Pad(rows, size / 2 * width, PaddedSize / 2 * width, 0);

    /// <summary>Appends columns to a rotary table.</summary>
    /// <param name="table">Shape (positions, size / 2).</param>
    /// <param name="filler">The added angles' value: cosine 1, sine 0.</param>
    /// <returns>Shape (positions, PaddedSize / 2), rounded to float32.</returns>
    public float[] PadTable(double[] table, float filler) => Pad(Array.ConvertAll(table, value => (float)value), size / 2, PaddedSize / 2, filler);

    private static float[] Pad(float[] values, int piece, int paddedPiece, float filler)
    {
        if (piece == paddedPiece)
        {
            return values;
        }
        int pieces = values.Length / piece;
        var padded = new float[checked(pieces * paddedPiece)];
        padded.AsSpan().Fill(filler);
        for (int i = 0; i < pieces; i++)
        {
            values.AsSpan(i * piece, piece).CopyTo(padded.AsSpan(i * paddedPiece));
        }
        return padded;
    }
}
