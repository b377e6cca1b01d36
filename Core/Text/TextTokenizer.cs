using System.Security.Cryptography;
using Microsoft.ML.Tokenizers;

namespace Factory.Core.Text;

/// <summary>A SentencePiece tokenizer (BPE or unigram) read from its <c>.model</c> file.</summary>
public sealed class TextTokenizer
{
    /// <summary>Names under which a tokenizer lies beside a model, in the order they are looked for.</summary>
    public static IReadOnlyList<string> FileNames { get; } = ["tokenizer.model", "spiece.model"];

    private readonly SentencePieceTokenizer _pieces;

    private TextTokenizer(string path, byte[] model)
    {
        Path = path;
        Sha256 = Convert.ToHexStringLower(SHA256.HashData(model));
        _pieces = SentencePieceTokenizer.Create(new MemoryStream(model), addBeginningOfSentence: false, addEndOfSentence: false);
    }

    /// <summary>The file that was read.</summary>
    public string Path { get; }

    /// <summary>Lower-case SHA-256 of the file.</summary>
    public string Sha256 { get; }

    /// <summary>Pieces in the model; ids are below it.</summary>
    public int VocabularySize => _pieces.Vocabulary.Count;

    /// <summary>Opens a sequence; null for tokenizers without one (T5).</summary>
    public int? BosTokenId => _pieces.BeginningOfSentenceId >= 0 ? _pieces.BeginningOfSentenceId : null;

    /// <summary>Ends a document.</summary>
    public int? EosTokenId => _pieces.EndOfSentenceId >= 0 ? _pieces.EndOfSentenceId : null;

    /// <exception cref="UserError">The file is missing or not a SentencePiece model.</exception>
    public static TextTokenizer Load(string path) => new(path, File.ReadAllBytes(path));

    /// <summary>The tokenizer beside a model, or null when the directory has none.</summary>
    public static TextTokenizer? FindIn(string directory) =>
        FileNames.Select(name => System.IO.Path.Combine(directory, name)).FirstOrDefault(File.Exists) is string path ? Load(path) : null;

    /// <summary>Token ids of <paramref name="text"/>; with <paramref name="addBos"/> BOS in front, where the tokenizer has one. EOS is never added.</summary>
    public int[] Encode(string text, bool addBos)
    {
        IReadOnlyList<int> ids = _pieces.EncodeToIds(text);
        return addBos && BosTokenId is int bos ? [bos, .. ids] : [.. ids];
    }

    /// <summary>The text of <paramref name="ids"/>; control tokens (BOS, EOS) have none.</summary>
    public string Decode(IEnumerable<int> ids) => _pieces.Decode(ids);
}
