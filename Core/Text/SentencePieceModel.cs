namespace Factory.Core.Text;

/// <summary>
/// What a SentencePiece <c>.model</c> file says, as far as tokenization needs it. Read by <see cref="SentencePieceModelReader"/>, written by
/// <see cref="SentencePieceModelWriter"/>.
/// </summary>
internal sealed record SentencePieceModel
{
    /// <summary>Pieces by id.</summary>
    public required IReadOnlyList<Piece> Pieces { get; init; }

    /// <summary>Byte-pair merges; otherwise unigram.</summary>
    public bool IsBpe { get; init; }

    /// <summary>Characters without a piece become byte pieces.</summary>
    public bool ByteFallback { get; init; }

    /// <summary>A space is put in front of the text.</summary>
    public bool AddDummyPrefix { get; init; } = true;

    /// <summary>Spaces at both ends go and runs of spaces become one.</summary>
    public bool RemoveExtraWhitespaces { get; init; } = true;

    /// <summary>Compiled table of character replacements (nmt_nfkc and the like); empty for identity.</summary>
    public ReadOnlyMemory<byte> CharacterMap { get; init; }

    public string BosPiece { get; init; } = "<s>";

    public string EosPiece { get; init; } = "</s>";

    public string PadPiece { get; init; } = "<pad>";

    /// <summary>What the unknown piece decodes to.</summary>
    public string UnknownSurface { get; init; } = " \u2047 ";

    /// <summary>Id of the piece that stands for what no piece covers.</summary>
    public int UnknownId => IdOf(piece => piece.Type == PieceType.Unknown) ?? throw new InvalidOperationException("A sound model has a piece for unknown characters.");

    /// <summary>Control tokens and the unknown piece.</summary>
    public IEnumerable<AddedToken> Specials => Pieces.Index()
        .Where(piece => piece.Item.Type is PieceType.Control or PieceType.Unknown)
        .Select(piece => new AddedToken(piece.Index, piece.Item.Text, Special: true));

    public int? BosId => ControlId(BosPiece);

    public int? EosId => ControlId(EosPiece);

    public int? PadId => ControlId(PadPiece);

    /// <summary>Spelling of the piece for one byte.</summary>
    public static string ByteText(int value) => $"<0x{value:X2}>";

    private int? ControlId(string text) => IdOf(piece => piece.Type == PieceType.Control && piece.Text == text);

    private int? IdOf(Predicate<Piece> wanted)
    {
        for (int id = 0; id < Pieces.Count; id++)
        {
            if (wanted(Pieces[id]))
            {
                return id;
            }
        }
        return null;
    }
}
