namespace Factory.Core.Text;

/// <summary>One vocabulary entry of a SentencePiece model; '▁' (U+2581) in <paramref name="Text"/> stands for a space.</summary>
/// <param name="Score">Log-probability (unigram) or minus the rank of the merge (BPE).</param>
public readonly record struct Piece(string Text, float Score, PieceType Type)
{
    /// <summary>Whether the piece is found in text; special tokens and bytes are not.</summary>
    public bool IsText => Type is PieceType.Normal or PieceType.UserDefined or PieceType.Unused;
}
