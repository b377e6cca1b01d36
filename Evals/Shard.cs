using System.Globalization;
using System.Text.RegularExpressions;
using Factory.Core;

namespace Factory.Evals;

/// <summary>One of several equal parts of an evaluation: document d belongs to part d mod <paramref name="Count"/>.</summary>
/// <param name="Index">From one.</param>
public readonly partial record struct Shard(int Index, int Count)
{
    public static Shard Whole { get; } = new(1, 1);

    public bool IsWhole => Count == 1;

    /// <exception cref="SettingError"><paramref name="text"/> is not "i/n" with i from 1 to n.</exception>
    public static Shard Parse(string text) =>
        Pattern().Match(text) is { Success: true } match
        && int.TryParse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture, out int index)
        && int.TryParse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture, out int count)
        && index >= 1 && index <= count
            ? new Shard(index, count)
            : throw new SettingError("shard", $"expected i/n with i from 1 to n, such as 1/2, found '{text}'.");

    public bool Has(int document) => document % Count == Index - 1;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Index}/{Count}");

    [GeneratedRegex(@"^(\d+)/(\d+)$")]
    private static partial Regex Pattern();
}
