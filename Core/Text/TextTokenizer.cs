using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Factory.Core.Disk;
using Microsoft.ML.Tokenizers;

namespace Factory.Core.Text;

/// <summary>
/// A tokenizer read from a SentencePiece <c>.model</c> file (BPE or unigram) or, where there is none, from a Hugging Face tokenizer.json (BPE), and the
/// files beside it. A SentencePiece model alone gives the ids that SentencePiece gives; otherwise they are those that transformers gives. Thread-safe.
/// <para>
/// It is a <see cref="Tokenizer"/> of Microsoft.ML.Tokenizers, to be used wherever one is taken (counting, cutting to a token budget). The library's
/// own <see cref="SentencePieceTokenizer"/> does the same for most texts; version 2.0.1 cannot load a model without BOS (T5), keeps U+FFFD, which T5's
/// model removes, gives one unknown token per character, and joins the rightmost of equal BPE pairs ("_______" gets other ids). Once it gives
/// SentencePiece's ids it can take the place of the encoders here.
/// </para>
/// </summary>
public sealed class TextTokenizer : Tokenizer
{
    private readonly ITokenModel _model;
    private readonly TokenizerSettings _settings;
    private readonly SpecialTokens _specials;
    private readonly PlainTextNormalizer _plainNormalizer;

    private TextTokenizer(string path)
    {
        Path = path;
        IReadOnlyList<string> files = TokenizerFiles.Beside(path);
        Dictionary<string, byte[]> contents = files.ToDictionary(file => file, file => InputFile.ReadAllBytes(file, $"a tokenizer ({string.Join(", ", FileNames)})"));
        Sha256 = Digest(contents);
        _settings = TokenizerSettings.Read(path);
        (_model, _specials) = TokenizerFiles.IsJson(path) ? FromJson(path, _settings) : FromSentencePiece(contents[path], path, _settings);
        _plainNormalizer = new PlainTextNormalizer(_model);
    }

    /// <summary>Names under which a tokenizer lies beside a model, in the order they are looked for.</summary>
    public static IReadOnlyList<string> FileNames => TokenizerFiles.Models;

    /// <summary>The main file that was read.</summary>
    public string Path { get; }

    /// <summary>Lower-case SHA-256 of the file, or of the list of files where there are several.</summary>
    public string Sha256 { get; }

    /// <summary>Tokens, added ones among them; ids are below it.</summary>
    public int VocabularySize => _specials.VocabularySize;

    /// <summary>Opens a sequence; null for tokenizers without one (T5).</summary>
    public int? BosTokenId => _specials.Roles.Bos;

    /// <summary>Ends a document.</summary>
    public int? EosTokenId => _specials.Roles.Eos;

    /// <summary>Stands for what no piece covers; null where every text has pieces (byte level).</summary>
    public int? UnkTokenId => _specials.Roles.Unk;

    /// <summary>Fills up short sequences; null for tokenizers without one (LLaMA).</summary>
    public int? PadTokenId => _specials.Roles.Pad;

    /// <summary>The chat template that came with the tokenizer, in Hugging Face's Jinja dialect; null where none did.</summary>
    public string? ChatTemplate => _settings.ChatTemplate;

    /// <summary>Spellings of special tokens by their role: "bos_token", "eos_token", as chat templates name them.</summary>
    public IReadOnlyDictionary<string, string> SpecialTokenTexts => _specials.Texts;

    /// <inheritdoc/>
    public override Normalizer Normalizer => _plainNormalizer;

    /// <exception cref="UserError">The file is missing or not a tokenizer, or what lies beside it asks for what Factory does not do.</exception>
    public static TextTokenizer Load(string path) => new(path);

    /// <summary>The tokenizer beside a model, or null when the directory has none.</summary>
    public static TextTokenizer? FindIn(string directory) => TokenizerFiles.FindIn(directory) is string path ? Load(path) : null;

    /// <summary>Token ids of <paramref name="text"/>. EOS is never added.</summary>
    /// <param name="addBos">The tokens that the tokenizer opens a text with in front (BOS, for most), unless the text already starts with them.</param>
    /// <param name="parseSpecial">Whether a special token spelled out in the text is that token; otherwise it is the characters it is made of.</param>
    public int[] Encode(string text, bool addBos, bool parseSpecial = true)
    {
        IReadOnlyList<int> ids = EncodeText(text, opens: true, parseSpecial).All;
        bool doubled = parseSpecial && ids.Take(_specials.Before.Count).SequenceEqual(_specials.Before);
        return addBos && !doubled ? [.. _specials.Before, .. ids] : [.. ids];
    }

    /// <summary>Token ids of a prompt that a template made; nothing is added.</summary>
    /// <param name="literal">Places, in order, that people wrote: a special token spelled out there, even in part, is the characters it is made of.</param>
    public int[] EncodeRendered(string prompt, IReadOnlyList<Range> literal) => [.. EncodeText(prompt, opens: true, parseSpecial: true, literal).All];

    /// <summary>Token ids as the tokenizer's own Hugging Face default gives them: BOS in front, or, without a BOS (T5), EOS behind.</summary>
    public int[] EncodeWithSpecialTokens(string text) => [.. _specials.Before, .. EncodeText(text, opens: true, parseSpecial: true).All, .. _specials.After];

    /// <summary>Spelling of one token as the tokenizer's file has it ("▁the", "&lt;0x0A&gt;", "&lt;/s&gt;"); "" for an id above the vocabulary.</summary>
    public string TokenText(int id)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(id);
        return _specials.ById.TryGetValue(id, out AddedToken? token) ? token.Content : id < _model.Count ? _model.TextOf(id) : "";
    }

    /// <summary>Token ids of a text in which nothing is special: "&lt;/s&gt;" is four characters, not the end of the document.</summary>
    /// <param name="continues">The text goes on from one encoded before, cut at a line end: no space is put in front where spaces are kept as they are.</param>
    public IReadOnlyList<int> EncodePlain(string text, bool continues = false) => EncodeText(text, opens: !continues, parseSpecial: false).All;

    /// <summary>
    /// The text of <paramref name="ids"/>. Control tokens (BOS, EOS) have none, nor have ids above the vocabulary (padding of a model's embedding);
    /// the space that encoding puts in front of a text is taken off.
    /// </summary>
    public override string Decode(IEnumerable<int> ids)
    {
        ITokenDecoder decoder = CreateDecoder();
        var text = new StringBuilder();
        foreach (int id in ids)
        {
            text.Append(decoder.Append(id));
        }
        return text.Append(decoder.Flush()).ToString();
    }

    /// <inheritdoc/>
    public override OperationStatus Decode(IEnumerable<int> ids, Span<char> destination, out int idsConsumed, out int charsWritten)
    {
        (idsConsumed, charsWritten) = (0, 0);
        ITokenDecoder decoder = CreateDecoder();
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

    internal ITokenDecoder CreateDecoder() => _model.CreateDecoder(_specials.ById);

    /// <summary>The tokens of a text in which nothing is special, with their places in the normalized text; neither BOS nor EOS.</summary>
    protected override EncodeResults<EncodedToken> EncodeToTokens(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        string given = text ?? textSpan.ToString();
        string normalized = settings.ConsiderNormalization ? _model.Normalize(given, opens: true) : given;
        PieceIds ids = _model.NewIds();
        _model.Encode(normalized, opens: true, parseSpecial: false, ids);
        int count = Math.Min(ids.All.Count, settings.MaxTokenCount);
        var tokens = new EncodedToken[count];
        int start = 0;
        for (int i = 0; i < count; i++)
        {
            // Bytes of one character share its place.
            start = i > 0 && ids.Ends[i] > ids.Ends[i - 1] ? ids.Ends[i - 1] : start;
            tokens[i] = new EncodedToken(ids.All[i], _model.TextOf(ids.All[i]), start..ids.Ends[i]);
        }
        return new EncodeResults<EncodedToken>
        {
            Tokens = tokens,
            NormalizedText = normalized,
            CharsConsumed = count == ids.All.Count ? normalized.Length : count == 0 ? 0 : ids.Ends[count - 1],
        };
    }

    private PieceIds EncodeText(string text, bool opens, bool parseSpecial, IReadOnlyList<Range>? literal = null)
    {
        PieceIds ids = _model.NewIds();
        foreach ((Range place, AddedToken? token) in (parseSpecial ? _specials.All : _specials.NotSpecial).Split(text, literal))
        {
            if (token is not null)
            {
                ids.Add(text.AsSpan(place), token.Id);
            }
            else if (text[place] is { Length: > 0 } stretch)
            {
                bool first = opens && place.Start.Value == 0;
                _model.Encode(_model.Normalize(stretch, first), first, parseSpecial && !AddedTokenSplitter.Overlaps(literal ?? [], place), ids);
            }
        }
        return ids;
    }

    private static (ITokenModel, SpecialTokens) FromSentencePiece(byte[] bytes, string path, TokenizerSettings settings)
    {
        SentencePieceModel model = SentencePieceModelReader.Parse(bytes, path);
        var tokens = new SentencePieceTokens(model, settings.Prefix, settings.ArePresent, path);
        return (tokens, new SpecialTokens(path, tokens, model.Specials, new SpecialTokens.Ids(model.BosId, model.EosId, model.UnknownId, model.PadId), settings));
    }

    private static (ITokenModel, SpecialTokens) FromJson(string path, TokenizerSettings settings)
    {
        var tokens = new JsonTokens(TokenizerObject.Read(path)!, settings.Added);
        return (tokens, new SpecialTokens(path, tokens, [], new SpecialTokens.Ids(null, null, tokens.UnknownId, null), settings));
    }

    private static string Digest(Dictionary<string, byte[]> contents)
    {
        IEnumerable<string> hashes = contents.Values.Select(bytes => Convert.ToHexStringLower(SHA256.HashData(bytes)));
        return contents.Count == 1 ? hashes.Single() : Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(string.Join('\n', hashes))));
    }
}
