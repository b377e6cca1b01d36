using System.Text;

namespace Factory.Core.Text;

/// <summary>
/// A tokenizer.json of byte-pair encoding (byte level as in GPT-2, LLaMA 3 and Qwen, or with byte fallback) as a <see cref="ITokenModel"/>. Its steps
/// are those of Hugging Face's tokenizers library:
/// <code>
/// text ─ added tokens cut out ─ normalizer ─ normalized added tokens cut out ─ pre-tokenizer ─ merges ─► ids
/// </code>
/// </summary>
internal sealed class JsonTokens : ITokenModel
{
    private readonly MergeTable _table;
    private readonly MergeEncoder _encoder;
    private readonly PreTokenizer _preTokenizer;
    private readonly Func<string, string> _normalize;
    private readonly TokenTextDecoding _decoding;
    private readonly AddedTokenSplitter _all;
    private readonly AddedTokenSplitter _notSpecial;

    /// <param name="added">All added tokens; those to be found in normalized text are found here.</param>
    /// <exception cref="UserError">The file asks for what Factory does not do.</exception>
    public JsonTokens(TokenizerObject tokenizer, IEnumerable<AddedToken> added)
    {
        tokenizer.Refuse("truncation", _ => true, "no truncation");
        tokenizer.Refuse("padding", _ => true, "no padding");
        FindsNormalized = tokenizer.Object("normalizer") is not null;
        _table = new MergeTable(tokenizer);
        _normalize = TextNormalization.Read(tokenizer);
        _preTokenizer = new PreTokenizer(tokenizer);
        _encoder = new MergeEncoder(_table, _preTokenizer.IsByteLevel);
        _decoding = TokenTextDecoding.Read(tokenizer);
        AddedToken[] normalized = [.. added.Where(token => token.Normalized && FindsNormalized).Select(token => token with { Content = _normalize(token.Content) })];
        _all = new AddedTokenSplitter(normalized);
        _notSpecial = new AddedTokenSplitter(normalized.Where(token => !token.Special));
    }

    public bool FindsNormalized { get; }

    public int Count => _table.Count;

    public int? UnknownId => _table.UnknownId;

    public int? IdOf(string text) => _table.IdOf(text);

    public string TextOf(int id) => _table.TextOf(id) ?? "";

    public string Normalize(string text, bool opens) => _normalize(Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)));

    public void Encode(string normalized, bool opens, bool parseSpecial, PieceIds output)
    {
        foreach ((Range place, AddedToken? token) in (parseSpecial ? _all : _notSpecial).Split(normalized))
        {
            string text = normalized[place];
            if (token is not null)
            {
                output.Add(token.Id, text.Length);
            }
            else if (text.Length > 0)
            {
                int done = 0;
                foreach (Word word in _preTokenizer.Split(text, opens && place.Start.Value == 0))
                {
                    output.Skip(word.Start - done);
                    _encoder.Encode(word, output);
                    done = word.Start + word.Length;
                }
                output.Skip(text.Length - done);
            }
        }
    }

    public PieceIds NewIds() => new(_table.UnknownId ?? 0, _table.ByteIds);

    public ITokenDecoder CreateDecoder(IReadOnlyDictionary<int, AddedToken> added) => _decoding.Create(id =>
        added.TryGetValue(id, out AddedToken? token) ? new Piece(token.Normalized ? _normalize(token.Content) : token.Content, 0, token.Special ? PieceType.Control : PieceType.UserDefined)
        : _table.TextOf(id) is not string text ? null
        : new Piece(text, 0, _decoding.ReadsBytePieces && _table.ByteIds is int[] bytes && bytes.Contains(id) ? PieceType.Byte : PieceType.Normal));
}
