namespace Factory.Core.Text;

/// <summary>tokenizer.json's "decoder": from tokens to text.</summary>
internal sealed class TokenTextDecoding
{
    private readonly bool _byteLevel;
    private readonly SentencePieceModel _spaces;

    private TokenTextDecoding(bool byteLevel, bool readsBytes, bool stripsPrefix)
    {
        _byteLevel = byteLevel;
        ReadsBytePieces = readsBytes;
        _spaces = new SentencePieceModel { Pieces = [], AddDummyPrefix = stripsPrefix, RemoveExtraWhitespaces = false };
    }

    /// <summary>Whether pieces like &lt;0x0A&gt; become the byte they name.</summary>
    public bool ReadsBytePieces { get; }

    /// <exception cref="UserError">It is of a kind that Factory does not know.</exception>
    public static TokenTextDecoding Read(TokenizerObject tokenizer)
    {
        TokenizerObject decoder = tokenizer.Object("decoder") ?? throw tokenizer.Bad("decoder", "a decoder", "none");
        List<TokenizerObject> steps = decoder.Text("type") == "Sequence" ? [.. decoder.Objects("decoders")] : [decoder];
        string kinds = string.Join(", ", steps.Select(step => step.Text("type")));
        return kinds switch
        {
            "ByteLevel" => new TokenTextDecoding(byteLevel: true, readsBytes: false, stripsPrefix: false),
            "Metaspace" => new TokenTextDecoding(byteLevel: false, readsBytes: false, steps[0].Text("prepend_scheme") != "never" && steps[0].Truth("add_prefix_space") != false),
            "Replace, ByteFallback, Fuse" => new TokenTextDecoding(byteLevel: false, readsBytes: true, stripsPrefix: false),
            "Replace, ByteFallback, Fuse, Strip" => new TokenTextDecoding(byteLevel: false, readsBytes: true, stripsPrefix: steps[3].Whole("start") == 1),
            _ => throw decoder.Bad("decoder.type", "ByteLevel, Metaspace, or Replace, ByteFallback and Fuse with or without Strip", kinds),
        };
    }

    public ITokenDecoder Create(Func<int, Piece?> pieceOf) => _byteLevel ? new ByteLevelDecoder(pieceOf) : new SentencePieceDecoder(_spaces, pieceOf, "");
}
