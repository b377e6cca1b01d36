using System.Text.RegularExpressions;

namespace Factory.Core.Text;

/// <summary>Cuts words where a pattern matches.</summary>
internal sealed class SplitPattern
{
    private enum Behavior
    {
        Removed,
        Isolated,
        MergedWithPrevious,
        MergedWithNext,
        Contiguous,
    }

    private readonly CodePointRegex _regex;
    private readonly Behavior _behavior;
    private readonly bool _invert;

    private SplitPattern(string pattern, Behavior behavior, bool invert, string source)
    {
        _regex = new CodePointRegex(pattern, source);
        _behavior = behavior;
        _invert = invert;
    }

    /// <summary>GPT-2's words: contractions, letters, digits and other characters, each with a space in front, and white space.</summary>
    public static SplitPattern Gpt2(string source) =>
        new(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+", Behavior.Isolated, invert: false, source);

    public static SplitPattern Digits(bool individual, string source) => new(@"\p{N}", individual ? Behavior.Isolated : Behavior.Contiguous, invert: false, source);

    public static SplitPattern Spaces(string source) => new(@"\s", Behavior.Removed, invert: false, source);

    /// <summary>Each <paramref name="mark"/> starts a word.</summary>
    public static SplitPattern Before(string mark, string source) => new(Regex.Escape(mark), Behavior.MergedWithNext, invert: false, source);

    /// <exception cref="UserError">Pattern or behaviour are not known.</exception>
    public static SplitPattern Read(TokenizerObject step)
    {
        TokenizerObject pattern = step.Object("pattern") ?? throw step.Bad("pre_tokenizer.pattern", "an object", "none");
        string regex = pattern.Text("Regex") ?? (pattern.Text("String") is string literal ? Regex.Escape(literal) : throw pattern.Bad("pre_tokenizer.pattern", "Regex or String", "neither"));
        string name = step.Text("behavior") ?? "none";
        return Enum.TryParse(name, ignoreCase: false, out Behavior behavior) && Enum.IsDefined(behavior)
            ? new SplitPattern(regex, behavior, step.Truth("invert") ?? false, step.Path)
            : throw step.Bad("pre_tokenizer.behavior", string.Join(", ", Enum.GetNames<Behavior>()), name);
    }

    public IEnumerable<Word> Apply(Word word)
    {
        // All of the word in order, matches and what lies between them.
        var parts = new List<(int Start, int End, bool Match)>();
        int at = 0;
        foreach (Range match in _regex.Matches(word.Text))
        {
            if (match.Start.Value > at)
            {
                parts.Add((at, match.Start.Value, _invert));
            }
            parts.Add((match.Start.Value, at = match.End.Value, !_invert));
        }
        if (at < word.Text.Length)
        {
            parts.Add((at, word.Text.Length, _invert));
        }
        return Joined(parts).Select(part => word.Slice(part.Start, part.End - part.Start));
    }

    private IEnumerable<(int Start, int End, bool Match)> Joined(List<(int Start, int End, bool Match)> parts)
    {
        switch (_behavior)
        {
            case Behavior.Removed:
                return parts.Where(part => !part.Match);
            case Behavior.Isolated:
                return parts;
            case Behavior.MergedWithPrevious:
                return Merge(parts, (previous, part) => part.Match && !previous.Match);
            case Behavior.MergedWithNext:
                return Merge(parts, (previous, part) => previous.Match && !part.Match);
            case Behavior.Contiguous:
                return Merge(parts, (previous, part) => previous.Match == part.Match);
            default:
                throw new InvalidOperationException($"{_behavior}");
        }
    }

    private static List<(int Start, int End, bool Match)> Merge(
        List<(int Start, int End, bool Match)> parts, Func<(int Start, int End, bool Match), (int Start, int End, bool Match), bool> joins)
    {
        var merged = new List<(int Start, int End, bool Match)>();
        (int Start, int End, bool Match)? last = null;
        foreach ((int Start, int End, bool Match) part in parts)
        {
            if (last is { } previous && joins(previous, part))
            {
                merged[^1] = (merged[^1].Start, part.End, part.Match);
            }
            else
            {
                merged.Add(part);
            }
            last = part;
        }
        return merged;
    }
}
