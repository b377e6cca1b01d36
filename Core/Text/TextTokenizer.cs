using System.Buffers;
using System.Security.Cryptography;
using Factory.Core.Disk;
using Microsoft.ML.Tokenizers;

namespace Factory.Core.Text;

/// <summary>
/// A SentencePiece tokenizer (BPE or unigram) read from its <c>.model</c> file. Gives the ids that SentencePiece gives; where a special token is
/// spelled out in the text ("&lt;/s&gt;"), <see cref="Encode"/> takes it as that token, as Hugging Face's tokenizers do. Thread-safe.
/// <para>
/// It is a <see cref="Tokenizer"/> of Microsoft.ML.Tokenizers, to be used wherever one is taken (counting, cutting to a token budget). The library's
/// own <see cref="SentencePieceTokenizer"/> does the same for most texts; version 2.0.1 cannot load a model without BOS (T5), keeps U+FFFD, which T5's
/// model removes, gives one unknown token per character, and joins the rightmost of equal BPE pairs ("_______" gets other ids). Once it gives
/// SentencePiece's ids it can take the place of the encoders here.
/// </para>
/// </summary>
public sealed class TextTokenizer : Tokenizer
{
    private readonly SentencePieceModel _model;
    private readonly TextNormalizer _normalizer;
    private readonly PlainTextNormalizer _plainNormalizer;
    private readonly IPieceEncoder _encoder;
    private readonly int[]? _byteIds;
    private readonly bool _splitsAtSpaces;
    private readonly Dictionary<string, int> _specials;
    private readonly SearchValues<string> _specialTexts;

    private TextTokenizer(string path, byte[] bytes)
    {
        Path = path;
        Sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes));
        _model = SentencePieceModelReader.Parse(bytes, path);
        var userDefined = new UserDefinedPieces(_model);
        _normalizer = new TextNormalizer(_model, userDefined, path);
        _plainNormalizer = new PlainTextNormalizer(_normalizer);
        _encoder = _model.IsBpe ? new BytePairEncoder(_model, userDefined) : new UnigramEncoder(_model);
        Dictionary<string, int> byText = Enumerable.Range(0, VocabularySize).ToDictionary(id => _model.Pieces[id].Text);
        _byteIds = _model.ByteFallback ? [.. Enumerable.Range(0, 256).Select(value => byText[SentencePieceModel.ByteText(value)])] : null;
        (UnkTokenId, BosTokenId, EosTokenId, PadTokenId) = (_model.UnknownId, _model.BosId, _model.EosId, _model.PadId);
        _splitsAtSpaces = !_model.Pieces.Any(piece => piece.IsText && NextWord(piece.Text, 0) < piece.Text.Length);
        _specials = byText.Where(entry => _model.Pieces[entry.Value].Type is PieceType.Control or PieceType.Unknown).ToDictionary();
        _specialTexts = SearchValues.Create([.. _specials.Keys], StringComparison.Ordinal);
    }

    /// <summary>Names under which a tokenizer lies beside a model, in the order they are looked for.</summary>
    public static IReadOnlyList<string> FileNames { get; } = ["tokenizer.model", "spiece.model"];

    /// <summary>The file that was read.</summary>
    public string Path { get; }

    /// <summary>The name under which <see cref="FindIn"/> finds a copy of the file.</summary>
    public string StandardFileName => StandardNameOf(Path);

    /// <summary>Lower-case SHA-256 of the file.</summary>
    public string Sha256 { get; }

    /// <summary>Pieces in the model; ids are below it.</summary>
    public int VocabularySize => _model.Pieces.Count;

    /// <summary>Opens a sequence; null for tokenizers without one (T5).</summary>
    public int? BosTokenId { get; }

    /// <summary>Ends a document.</summary>
    public int? EosTokenId { get; }

    /// <summary>Stands for what no piece covers.</summary>
    public int UnkTokenId { get; }

    /// <summary>Fills up short sequences; null for tokenizers without one (LLaMA).</summary>
    public int? PadTokenId { get; }

    /// <inheritdoc/>
    public override Normalizer Normalizer => _plainNormalizer;

    internal SentencePieceModel Model => _model;

    /// <summary>The name that a copy of <paramref name="path"/> gets beside a model: its own where that is found again, else the first of <see cref="FileNames"/>.</summary>
    public static string StandardNameOf(string path) => FileNames.Contains(System.IO.Path.GetFileName(path)) ? System.IO.Path.GetFileName(path) : FileNames[0];

    /// <exception cref="UserError">The file is missing or not a SentencePiece model.</exception>
    public static TextTokenizer Load(string path) => new(path, InputFile.ReadAllBytes(path, "a SentencePiece model (tokenizer.model or spiece.model)"));

    /// <summary>The tokenizer beside a model, or null when the directory has none.</summary>
    public static TextTokenizer? FindIn(string directory) =>
        FileNames.Select(name => System.IO.Path.Combine(directory, name)).FirstOrDefault(File.Exists) is string path ? Load(path) : null;

    /// <summary>Token ids of <paramref name="text"/>; with <paramref name="addBos"/> BOS in front, where the tokenizer has one. EOS is never added.</summary>
    public int[] Encode(string text, bool addBos)
    {
        var ids = new List<int>();
        if (addBos && BosTokenId is int bos)
        {
            ids.Add(bos);
        }
        int at = 0;
        for (int next; (next = text.AsSpan(at).IndexOfAny(_specialTexts)) >= 0;)
        {
            next += at;
            string special = _specials.Keys.Where(name => string.CompareOrdinal(text, next, name, 0, name.Length) == 0).MaxBy(name => name.Length)!;
            ids.AddRange(EncodeSection(text[at..next], opens: at == 0));
            ids.Add(_specials[special]);
            at = next + special.Length;
        }
        ids.AddRange(EncodeSection(text[at..], opens: at == 0));
        return [.. ids];
    }

    /// <summary>Token ids as the tokenizer's own Hugging Face default gives them: BOS in front, or, without a BOS (T5), EOS behind.</summary>
    public int[] EncodeWithSpecialTokens(string text) =>
        BosTokenId is null && EosTokenId is int eos ? [.. Encode(text, addBos: false), eos] : Encode(text, addBos: true);

    /// <summary>Token ids of a text in which nothing is special: "&lt;/s&gt;" is four characters, not the end of the document.</summary>
    /// <param name="continues">The text goes on from one encoded before, cut at a line end: no space is put in front where spaces are kept as they are.</param>
    public IReadOnlyList<int> EncodePlain(string text, bool continues = false) => EncodeSection(text, opens: !continues);

    /// <summary>
    /// The text of <paramref name="ids"/>. Control tokens (BOS, EOS) have none, nor have ids above the vocabulary (padding of a model's embedding);
    /// the space that encoding puts in front of a text is taken off.
    /// </summary>
    public override string Decode(IEnumerable<int> ids)
    {
        var decoder = new IncrementalDecoder(this);
        return string.Concat(ids.Select(decoder.Append)) + decoder.Flush();
    }

    /// <inheritdoc/>
    public override OperationStatus Decode(IEnumerable<int> ids, Span<char> destination, out int idsConsumed, out int charsWritten)
    {
        (idsConsumed, charsWritten) = (0, 0);
        var decoder = new IncrementalDecoder(this);
        foreach (int id in ids)
        {
            string text = decoder.Append(id);
            if (!text.TryCopyTo(destination[charsWritten..]))
            {
                return OperationStatus.DestinationTooSmall;
            }
            charsWritten += text.Length;
            idsConsumed++;
        }
        string rest = decoder.Flush();
        if (!rest.TryCopyTo(destination[charsWritten..]))
        {
            return OperationStatus.DestinationTooSmall;
        }
        charsWritten += rest.Length;
        return OperationStatus.Done;
    }

    /// <summary>The tokens of a text in which nothing is special, with their places in the normalized text; neither BOS nor EOS.</summary>
    protected override EncodeResults<EncodedToken> EncodeToTokens(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        string given = text ?? textSpan.ToString();
        string normalized = settings.ConsiderNormalization ? _normalizer.Normalize(given, opens: true) : given;
        PieceIds ids = EncodeNormalized(normalized);
        int count = Math.Min(ids.All.Count, settings.MaxTokenCount);
        var tokens = new EncodedToken[count];
        int start = 0;
        for (int i = 0; i < count; i++)
        {
            // Bytes of one character share its place.
            start = i > 0 && ids.Ends[i] > ids.Ends[i - 1] ? ids.Ends[i - 1] : start;
            tokens[i] = new EncodedToken(ids.All[i], _model.Pieces[ids.All[i]].Text, start..ids.Ends[i]);
        }
        return new EncodeResults<EncodedToken>
        {
            Tokens = tokens,
            NormalizedText = normalized,
            CharsConsumed = count == ids.All.Count ? normalized.Length : count == 0 ? 0 : ids.Ends[count - 1],
        };
    }

    private IReadOnlyList<int> EncodeSection(string text, bool opens) => EncodeNormalized(_normalizer.Normalize(text, opens)).All;

    private PieceIds EncodeNormalized(string normalized)
    {
        var ids = new PieceIds(UnkTokenId, _byteIds);
        for (int start = 0, end; start < normalized.Length; start = end)
        {
            end = _splitsAtSpaces ? NextWord(normalized, start) : normalized.Length;
            _encoder.Encode(normalized.AsSpan(start, end - start), ids);
        }
        return ids;
    }

    /// <summary>Where the next word starts: at a '▁' behind something else. Where no piece reaches over such a place, words can be encoded one by one.</summary>
    private static int NextWord(string text, int start)
    {
        int at = start + 1;
        while (at < text.Length && !(text[at] == TextNormalizer.Space && text[at - 1] != TextNormalizer.Space))
        {
            at++;
        }
        return Math.Min(at, text.Length);
    }
}
