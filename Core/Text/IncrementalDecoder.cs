namespace Factory.Core.Text;

/// <summary>
/// Decodes ids one at a time and hands out whole characters as soon as they are certain; bytes of an unfinished UTF-8 character wait. What all
/// <see cref="Append"/> and the closing <see cref="Flush"/> return, joined, is <see cref="TextTokenizer.Decode"/> of all the ids. Not thread-safe.
/// </summary>
public sealed class IncrementalDecoder(TextTokenizer tokenizer)
{
    private readonly ITokenDecoder _decoder = tokenizer.CreateDecoder();

    /// <summary>
    /// A decoder for text that continues <paramref name="prompt"/>: it delivers what follows the prompt's own text, so that the space in front of
    /// the first new word is kept.
    /// </summary>
    public static IncrementalDecoder After(TextTokenizer tokenizer, IEnumerable<int> prompt)
    {
        var decoder = new IncrementalDecoder(tokenizer);
        foreach (int id in prompt)
        {
            decoder.Append(id);
        }
        return decoder;
    }

    /// <summary>The characters that <paramref name="id"/> completes; often one piece, "" while bytes wait or for a control token.</summary>
    public string Append(int id)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(id);
        return _decoder.Append(id);
    }

    /// <summary>What still waits: bytes that never became a character are U+FFFD.</summary>
    public string Flush() => _decoder.Flush();
}
