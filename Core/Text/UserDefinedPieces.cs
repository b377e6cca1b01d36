namespace Factory.Core.Text;

/// <summary>Pieces that always stay whole wherever they occur in a text.</summary>
internal sealed class UserDefinedPieces(SentencePieceModel model)
{
    /// <summary>By first character, longest first.</summary>
    private readonly Dictionary<char, string[]> _byFirst = model.Pieces
        .Where(piece => piece.Type == PieceType.UserDefined)
        .Select(piece => piece.Text)
        .GroupBy(text => text[0])
        .ToDictionary(group => group.Key, group => group.OrderByDescending(text => text.Length).ToArray());

    /// <summary>Length of the longest such piece at the start of <paramref name="text"/>; 0 when there is none.</summary>
    public int LengthAt(ReadOnlySpan<char> text)
    {
        if (_byFirst.Count > 0 && _byFirst.TryGetValue(text[0], out string[]? candidates))
        {
            foreach (string candidate in candidates)
            {
                if (text.StartsWith(candidate, StringComparison.Ordinal))
                {
                    return candidate.Length;
                }
            }
        }
        return 0;
    }
}
