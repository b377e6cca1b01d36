namespace Factory.Core.Text;

/// <summary>Finds the pieces of a normalized text.</summary>
internal interface IPieceEncoder
{
    /// <summary>Adds the pieces of <paramref name="word"/>, first to last, to <paramref name="output"/>.</summary>
    void Encode(ReadOnlySpan<char> word, PieceIds output);
}
