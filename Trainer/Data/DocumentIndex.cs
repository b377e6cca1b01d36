using Factory.Core;
using Factory.Core.Text;
using Factory.Trainer.Tokens;

namespace Factory.Trainer.Data;

/// <summary>Where the documents of a split begin and end: each closes with EOS. Documents of one token predict nothing and are left out.</summary>
public sealed class DocumentIndex
{
    private const int BlockSize = 1 << 20;

    private readonly List<(long Start, long Length)> _documents = [];

    private DocumentIndex() { }

    public int Count => _documents.Count;

    /// <summary>First token after BOS, and how many there are, EOS included.</summary>
    public (long Start, long Length) this[long number] => _documents[checked((int)number)];

    /// <summary>Reads the split once.</summary>
    /// <exception cref="UserError">The tokenizer has no EOS, so that nothing says where a document ends.</exception>
    public static DocumentIndex Build(TokenSplit tokens, TextTokenizer tokenizer)
    {
        int end = tokenizer.EosTokenId
            ?? throw new SettingError("rows", $"expected a tokenizer with an end-of-sequence token for rows of one document, found none in {tokenizer.Path}. Use packed rows.");
        var index = new DocumentIndex();
        var block = new int[BlockSize];
        long start = 0;
        for (long at = 0; at < tokens.Count; at += BlockSize)
        {
            Span<int> ids = block.AsSpan(0, (int)Math.Min(BlockSize, tokens.Count - at));
            tokens.Read(at, ids);
            for (int offset = 0, found; (found = ids[offset..].IndexOf(end)) >= 0; offset += found + 1)
            {
                index.Add(tokens, start, at + offset + found + 1, tokenizer.BosTokenId);
                start = at + offset + found + 1;
            }
        }
        index.Add(tokens, start, tokens.Count, tokenizer.BosTokenId); // The end of a split cut off within a document.
        return index;
    }

    private void Add(TokenSplit tokens, long start, long end, int? bos)
    {
        Span<int> first = stackalloc int[1];
        if (end > start)
        {
            tokens.Read(start, first);
            start += first[0] == bos ? 1 : 0;
        }
        if (end - start >= 2)
        {
            _documents.Add((start, end - start));
        }
    }
}
