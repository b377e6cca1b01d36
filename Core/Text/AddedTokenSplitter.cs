using System.Buffers;
using System.Globalization;
using System.Text;

namespace Factory.Core.Text;

/// <summary>Cuts a text at the added tokens spelled out in it: leftmost first, and of those that start together the longest.</summary>
internal sealed class AddedTokenSplitter
{
    private readonly AddedToken[] _longestFirst;
    private readonly SearchValues<string> _contents;

    public AddedTokenSplitter(IEnumerable<AddedToken> tokens)
    {
        _longestFirst = [.. tokens.OrderByDescending(token => token.Content.Length)];
        _contents = SearchValues.Create([.. _longestFirst.Select(token => token.Content)], StringComparison.Ordinal);
    }

    /// <summary>The text's parts in order: each a token, or a stretch of other text (Token is null), which may be empty.</summary>
    /// <param name="literal">Places where special tokens are not looked for.</param>
    public IEnumerable<(Range Place, AddedToken? Token)> Split(string text, IReadOnlyList<Range>? literal = null)
    {
        int start = 0;
        for (int at = 0; at < text.Length && text.AsSpan(at).IndexOfAny(_contents) is >= 0 and int distance;)
        {
            at += distance;
            if (TokenAt(text, at, literal ?? []) is not AddedToken token)
            {
                at++;
                continue;
            }
            int left = at;
            int end = at + token.Content.Length;
            while (token.StripLeft && left > start && char.IsWhiteSpace(text[left - 1]))
            {
                left--;
            }
            while (token.StripRight && end < text.Length && char.IsWhiteSpace(text[end]))
            {
                end++;
            }
            yield return (start..left, null);
            yield return (left..end, token);
            at = start = end;
        }
        yield return (start..text.Length, null);
    }

    private AddedToken? TokenAt(string text, int at, IReadOnlyList<Range> literal)
    {
        foreach (AddedToken token in _longestFirst)
        {
            if (string.CompareOrdinal(text, at, token.Content, 0, token.Content.Length) == 0 && !(token.Special && Overlaps(literal, at..(at + token.Content.Length))))
            {
                int end = at + token.Content.Length;
                bool touches = (Rune.DecodeLastFromUtf16(text.AsSpan(0, at), out Rune before, out int taken) == OperationStatus.Done && taken > 0 && IsWord(before))
                    || (Rune.DecodeFromUtf16(text.AsSpan(end), out Rune after, out taken) == OperationStatus.Done && taken > 0 && IsWord(after));
                return token.SingleWord && touches ? null : token;
            }
        }
        return null;
    }

    /// <summary>Whether a place shares a character with one of <paramref name="places"/>.</summary>
    public static bool Overlaps(IReadOnlyList<Range> places, Range place) =>
        places.Any(other => other.Start.Value < place.End.Value && other.End.Value > place.Start.Value);

    /// <summary>Rust's \w.</summary>
    private static bool IsWord(Rune rune) => Rune.IsLetter(rune) || rune.Value is '\u200C' or '\u200D' || Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark
        or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.ConnectorPunctuation;
}
