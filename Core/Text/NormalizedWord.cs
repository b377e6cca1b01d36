using System.Globalization;
using System.Text;

namespace Factory.Core.Text;

/// <summary>A word as BERT's tokenizer sees it: cleaned, in lower case and without accents where asked, and where each of its characters comes from.</summary>
/// <param name="Starts">For each UTF-16 character of <paramref name="Text"/> the index of the first that it comes from.</param>
/// <param name="Ends">The index behind the last.</param>
internal sealed record NormalizedWord(string Text, IReadOnlyList<int> Starts, IReadOnlyList<int> Ends)
{
    /// <summary>The words of a text: white space parts them, punctuation (and a Chinese character) is a word of its own.</summary>
    public static IEnumerable<NormalizedWord> Split(string text, WordPieceSettings settings)
    {
        var word = new WordBuilder();
        int at = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            (int start, int end) = (at, at + rune.Utf16SequenceLength);
            at = end;
            if (settings.CleanText && IsRemoved(rune))
            {
                continue;
            }
            if (Rune.IsWhiteSpace(rune))
            {
                if (word.Take() is NormalizedWord before)
                {
                    yield return before;
                }
                continue;
            }
            bool alone = settings.SplitChinese && IsChinese(rune);
            foreach (Rune normalized in Normalize(rune, settings))
            {
                if (alone || IsPunctuation(normalized))
                {
                    if (word.Take() is NormalizedWord before)
                    {
                        yield return before;
                    }
                    word.Add(normalized, start, end);
                    yield return word.Take()!;
                    continue;
                }
                word.Add(normalized, start, end);
            }
        }
        if (word.Take() is NormalizedWord last)
        {
            yield return last;
        }
    }

    private static IEnumerable<Rune> Normalize(Rune rune, WordPieceSettings settings)
    {
        string text = rune.ToString();
        if (settings.StripAccents)
        {
            text = string.Concat(UnicodeForm.Normalize(text, NormalizationForm.FormD).EnumerateRunes().Where(part => Rune.GetUnicodeCategory(part) != UnicodeCategory.NonSpacingMark).Select(part => part.ToString()));
        }
        foreach (Rune part in text.EnumerateRunes())
        {
            if (settings.LowerCase && part.Value == 'İ')
            {
                // The one letter whose lower case is two characters.
                yield return new Rune('i');
                yield return new Rune('\u0307');
                continue;
            }
            yield return settings.LowerCase ? Rune.ToLowerInvariant(part) : part;
        }
    }

    /// <summary>Zero, the replacement character, and control characters that are no white space.</summary>
    private static bool IsRemoved(Rune rune) => rune.Value is 0 or 0xFFFD || (rune.Value is not ('\t' or '\n' or '\r') && Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse);

    /// <summary>All of ASCII but letters, digits and space count, as in BERT's own code.</summary>
    private static bool IsPunctuation(Rune rune) => rune.Value is (>= 33 and <= 47) or (>= 58 and <= 64) or (>= 91 and <= 96) or (>= 123 and <= 126) || Rune.IsPunctuation(rune);

    /// <summary>The blocks of CJK ideographs; not the Japanese syllables nor Korean.</summary>
    private static bool IsChinese(Rune rune) => rune.Value is (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF) or (>= 0x20000 and <= 0x2A6DF) or (>= 0x2A700 and <= 0x2B73F)
        or (>= 0x2B740 and <= 0x2B81F) or (>= 0x2B920 and <= 0x2CEAF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x2F800 and <= 0x2FA1F);

    private sealed class WordBuilder
    {
        private readonly StringBuilder _text = new();
        private readonly List<int> _starts = [];
        private readonly List<int> _ends = [];

        public void Add(Rune rune, int start, int end)
        {
            _text.Append(rune.ToString());
            for (int i = 0; i < rune.Utf16SequenceLength; i++)
            {
                _starts.Add(start);
                _ends.Add(end);
            }
        }

        /// <summary>What was added since the last time; null where that is nothing.</summary>
        public NormalizedWord? Take()
        {
            if (_text.Length == 0)
            {
                return null;
            }
            var word = new NormalizedWord(_text.ToString(), [.. _starts], [.. _ends]);
            _text.Clear();
            _starts.Clear();
            _ends.Clear();
            return word;
        }
    }
}
