using System.Text;
using System.Text.Json;

namespace Factory.Core.Text;

/// <summary>tokenizer.json's "normalizer": what is done to a stretch of text between added tokens before it is split.</summary>
internal static class TextNormalization
{
    /// <exception cref="UserError">It is of a kind that Factory does not know.</exception>
    public static Func<string, string> Read(TokenizerObject tokenizer) =>
        tokenizer.Object("normalizer") is TokenizerObject normalizer ? ReadStep(normalizer) : text => text;

    private static Func<string, string> ReadStep(TokenizerObject step)
    {
        switch (step.Text("type"))
        {
            case "Sequence":
                Func<string, string>[] steps = [.. step.Objects("normalizers").Select(ReadStep)];
                return text => steps.Aggregate(text, (so, next) => next(so));
            case "Prepend":
                string prefix = step.Text("prepend") ?? "";
                return text => text.Length == 0 ? "" : prefix + text;
            case "Replace":
                return ReadReplace(step);
            case "NFC":
                return text => UnicodeForm.Normalize(text, NormalizationForm.FormC);
            case "NFD":
                return text => UnicodeForm.Normalize(text, NormalizationForm.FormD);
            case "NFKC":
                return text => UnicodeForm.Normalize(text, NormalizationForm.FormKC);
            case "NFKD":
                return text => UnicodeForm.Normalize(text, NormalizationForm.FormKD);
            case "Lowercase":
                return text => text.ToLowerInvariant();
            case "Strip":
                (bool left, bool right) = (step.Truth("strip_left") ?? false, step.Truth("strip_right") ?? false);
                return text => left && right ? text.Trim() : left ? text.TrimStart() : right ? text.TrimEnd() : text;
            case string other:
                throw step.Bad("normalizer.type", "Sequence, Prepend, Replace, NFC, NFD, NFKC, NFKD, Lowercase or Strip", other);
            default:
                throw step.Bad("normalizer.type", "a kind", "none");
        }
    }

    private static Func<string, string> ReadReplace(TokenizerObject step)
    {
        string content = step.Text("content") ?? throw step.Bad("normalizer.content", "a string", "none");
        TokenizerObject pattern = step.Object("pattern") ?? throw step.Bad("normalizer.pattern", "an object", "none");
        if (pattern.Text("String") is { Length: > 0 } from)
        {
            return text => text.Replace(from, content, StringComparison.Ordinal);
        }
        var regex = new CodePointRegex(pattern.Text("Regex") ?? throw pattern.Bad("normalizer.pattern", "String or Regex", "neither"), step.Path);
        return text =>
        {
            var result = new StringBuilder();
            int at = 0;
            foreach (Range match in regex.Matches(text))
            {
                result.Append(text, at, match.Start.Value - at).Append(content);
                at = match.End.Value;
            }
            return result.Append(text, at, text.Length - at).ToString();
        };
    }
}
