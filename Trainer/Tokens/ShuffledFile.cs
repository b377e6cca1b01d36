namespace Factory.Trainer.Tokens;

/// <summary>Puts the documents of a token file into another order, by way of a second file.</summary>
internal static class ShuffledFile
{
    private const int BufferBytes = 1 << 20;

    /// <param name="path">The token file; replaced.</param>
    /// <param name="starts">Where its documents start.</param>
    /// <param name="width">Bytes of a token.</param>
    public static void Rewrite(string path, DocumentStarts starts, DocumentOrder order, int width, CancellationToken cancellationToken)
    {
        string ordered = path + ".ordered";
        using (var source = File.OpenHandle(path))
        using (var target = new FileStream(ordered, FileMode.CreateNew, FileAccess.Write, FileShare.None, BufferBytes))
        {
            long tokens = RandomAccess.GetLength(source) / width;
            long documents = starts.CountBefore(tokens);
            var buffer = new byte[BufferBytes];
            foreach (long number in order.Numbers(documents))
            {
                cancellationToken.ThrowIfCancellationRequested();
                long end = (number + 1 < documents ? starts[number + 1] : tokens) * width;
                for (long at = starts[number] * width; at < end;)
                {
                    int read = RandomAccess.Read(source, buffer.AsSpan(0, (int)Math.Min(buffer.Length, end - at)), at);
                    target.Write(buffer, 0, read);
                    at += read;
                }
            }
        }
        File.Move(ordered, path, overwrite: true);
    }
}
