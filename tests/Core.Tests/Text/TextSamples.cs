namespace Factory.Core.Tests.Text;

/// <summary>Strings that tokenizers stumble over, and random mixtures of such characters.</summary>
internal static class TextSamples
{
    public static IReadOnlyList<string> Nasty { get; } =
    [
        "", " ", "  ", new string(' ', 50), "\t", "\n", "\r\n", "a\r\n\r\nb", "\0", "a\0b", "\uFEFFbom", "e\u0301 a\u0300\u0301", "①ﬁﬀ½", "ａｂｃ　ｄ", "a\u00A0b\u200Bc\u00ADd",
        "مرحبا بالعالم", "שלום", "हिन्दी", "日本語テキスト", "가\u1100\u1161", "🤗👩‍👩‍👧‍👦🇩🇪", "\U0010FFFF", "\uFFFD\uFFFE", new string('a', 3000), string.Concat(Enumerable.Repeat(" a", 500)),
        "▁", "▁▁ ▁a ▁", "<0x41>", "<s", "< /s>", "_______", "________", "=========", "!!!!!!!", "1234567890", "  leading", "trailing  ", "tab\there", "\u0001\u001B[0m",
    ];

    /// <summary>Mixtures of spaces, letters and characters of many scripts; the same ones for the same seed.</summary>
    public static IEnumerable<string> Random(int count, int seed)
    {
        string[] parts = [" ", "  ", "\n", "\t", "▁", "the", "ing", "A", "0", ".", "__", "é", "e\u0301", "ß", "漢", "🤗", "\u00A0", "ﬁ", "<", "s>", "/"];
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => string.Concat(Enumerable.Range(0, random.Next(1, 20)).Select(_ => parts[random.Next(parts.Length)])))];
    }
}
