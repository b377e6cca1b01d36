namespace Factory.Core.Text;

/// <summary>A SentencePiece model (BPE or unigram) as a <see cref="ITokenModel"/>.</summary>
internal sealed class SentencePieceTokens : ITokenModel
{
    private readonly SentencePieceModel _model;
    private readonly SpacePrefix _prefix;
    private readonly bool _asHuggingFace;
    private readonly TextNormalizer _normalizer;
    private readonly IPieceEncoder _encoder;
    private readonly Dictionary<string, int> _ids;
    private readonly int[]? _byteIds;
    private readonly bool _splitsAtSpaces;

    /// <param name="prefix">Which stretches of text get the model's space in front, where it has one and spaces are not trimmed.</param>
    /// <param name="asHuggingFace">
    /// Whether a Hugging Face tokenizer's files lie beside the model. Its library looks for unigram pieces word by word, and decodes the unknown piece as it is spelled.
    /// </param>
    public SentencePieceTokens(SentencePieceModel model, SpacePrefix prefix, bool asHuggingFace, string source)
    {
        _model = prefix == SpacePrefix.Never ? model with { AddDummyPrefix = false } : model;
        _prefix = prefix;
        _asHuggingFace = asHuggingFace;
        var userDefined = new UserDefinedPieces(_model);
        _normalizer = new TextNormalizer(_model, userDefined, source);
        _encoder = _model.IsBpe ? new BytePairEncoder(_model, userDefined) : new UnigramEncoder(_model);
        _ids = Enumerable.Range(0, _model.Pieces.Count).ToDictionary(id => _model.Pieces[id].Text);
        _byteIds = _model.ByteFallback ? [.. Enumerable.Range(0, 256).Select(value => _ids[SentencePieceModel.ByteText(value)])] : null;
        // BPE gives the same ids either way; unigram sums round otherwise when they start anew.
        _splitsAtSpaces = (_model.IsBpe || asHuggingFace) && !_model.Pieces.Any(piece => piece.IsText && NextWord(piece.Text, 0) < piece.Text.Length);
    }

    public bool FindsNormalized => false;

    public int Count => _model.Pieces.Count;

    public int? IdOf(string text) => _ids.TryGetValue(text, out int id) ? id : null;

    public string TextOf(int id) => _model.Pieces[id].Text;

    public string Normalize(string text, bool opens) =>
        _normalizer.Normalize(text, prefix: opens || (_prefix == SpacePrefix.Always && !text.StartsWith(' ')));

    public void Encode(string normalized, bool opens, bool parseSpecial, PieceIds output)
    {
        for (int start = 0, end; start < normalized.Length; start = end)
        {
            end = _splitsAtSpaces ? NextWord(normalized, start) : normalized.Length;
            _encoder.Encode(normalized.AsSpan(start, end - start), output);
        }
    }

    public PieceIds NewIds() => new(_model.UnknownId, _byteIds);

    public ITokenDecoder CreateDecoder(IReadOnlyDictionary<int, AddedToken> added) =>
        new SentencePieceDecoder(_model, id => PieceOf(id, added), _asHuggingFace ? TextOf(_model.UnknownId) : _model.UnknownSurface);

    private Piece? PieceOf(int id, IReadOnlyDictionary<int, AddedToken> added)
    {
        Piece? own = id < Count ? _model.Pieces[id] : null;
        return own?.Type != PieceType.Unknown && added.TryGetValue(id, out AddedToken? token)
            ? new Piece(token.Content, 0, token.Special ? PieceType.Control : PieceType.UserDefined)
            : own;
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
