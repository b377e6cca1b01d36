namespace Factory.Core.Text;

/// <summary>What a tokenizer file says of ordinary text: its pieces, and the way from text to ids and back. <see cref="TextTokenizer"/> adds special tokens.</summary>
internal interface ITokenModel
{
    /// <summary>Tokens without those added beside the model; ids are below it.</summary>
    int Count { get; }

    /// <summary>Whether the model itself looks for added tokens in normalized text.</summary>
    bool FindsNormalized { get; }

    /// <summary>Id of the piece or token spelled so, null where there is none.</summary>
    int? IdOf(string text);

    /// <summary>Spelling of a token.</summary>
    string TextOf(int id);

    /// <summary>The text as pieces are looked for in it.</summary>
    string Normalize(string text, bool opens);

    /// <summary>Adds the ids of a normalized text.</summary>
    /// <param name="opens">Whether the text opens a sequence.</param>
    /// <param name="parseSpecial">Whether special tokens that normalization brings to light are those tokens.</param>
    void Encode(string normalized, bool opens, bool parseSpecial, PieceIds output);

    /// <summary>An empty list for ids of this model.</summary>
    PieceIds NewIds();

    /// <summary>A decoder at the start of a text.</summary>
    /// <param name="added">Tokens that were added beside the model, by id.</param>
    ITokenDecoder CreateDecoder(IReadOnlyDictionary<int, AddedToken> added);
}
