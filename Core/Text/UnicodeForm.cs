using System.Globalization;
using System.Text;

namespace Factory.Core.Text;

/// <summary>
/// Unicode's normalization forms (UAX #15). .NET's own need ICU, which the invariant globalization of these programs leaves out. The table is the
/// Unicode character database's: code point, combining class, and the decomposition, canonical (=; ! where it does not compose again) or for compatibility (~).
/// </summary>
internal static class UnicodeForm
{
    private const int SyllableBase = 0xAC00, LeadBase = 0x1100, VowelBase = 0x1161, TrailBase = 0x11A7, Vowels = 21, Trails = 28, Syllables = 11172;

    private static readonly Dictionary<int, byte> Classes = [];
    private static readonly Dictionary<int, int[]> Canonical = [];
    private static readonly Dictionary<int, int[]> Compatible = [];
    private static readonly Dictionary<(int First, int Second), int> Compositions = [];

    static UnicodeForm()
    {
        using Stream table = typeof(UnicodeForm).Assembly.GetManifestResourceStream("decompositions.txt")!;
        using var reader = new StreamReader(table);
        while (reader.ReadLine() is string line)
        {
            string[] fields = line.Split(' ');
            int code = Hex(fields[0]);
            if (byte.Parse(fields[1], CultureInfo.InvariantCulture) is > 0 and byte combining)
            {
                Classes.Add(code, combining);
            }
            if (fields.Length > 2)
            {
                int[] parts = [.. fields[3..].Select(Hex)];
                (fields[2] == "~" ? Compatible : Canonical).Add(code, parts);
                if (fields[2] == "=" && parts.Length == 2)
                {
                    Compositions.Add((parts[0], parts[1]), code);
                }
            }
        }
    }

    /// <summary>The text in the form asked for.</summary>
    public static string Normalize(string text, NormalizationForm form)
    {
        if (System.Text.Ascii.IsValid(text))
        {
            return text;
        }
        var codes = new List<int>(text.Length);
        bool compatible = form is NormalizationForm.FormKC or NormalizationForm.FormKD;
        foreach (Rune rune in text.EnumerateRunes())
        {
            Decompose(rune.Value, compatible, codes);
        }
        Reorder(codes);
        if (form is NormalizationForm.FormC or NormalizationForm.FormKC)
        {
            Compose(codes);
        }
        var result = new StringBuilder(codes.Count);
        foreach (int code in codes)
        {
            result.Append(new Rune(code).ToString());
        }
        return result.ToString();
    }

    private static void Decompose(int code, bool compatible, List<int> codes)
    {
        int syllable = code - SyllableBase;
        if (syllable is >= 0 and < Syllables)
        {
            codes.Add(LeadBase + (syllable / (Vowels * Trails)));
            codes.Add(VowelBase + (syllable % (Vowels * Trails) / Trails));
            if (syllable % Trails > 0)
            {
                codes.Add(TrailBase + (syllable % Trails));
            }
        }
        else if (Canonical.TryGetValue(code, out int[]? parts) || (compatible && Compatible.TryGetValue(code, out parts)))
        {
            foreach (int part in parts)
            {
                Decompose(part, compatible, codes);
            }
        }
        else
        {
            codes.Add(code);
        }
    }

    /// <summary>Sorts runs of combining marks by class, keeping the order of equals.</summary>
    private static void Reorder(List<int> codes)
    {
        for (int i = 1; i < codes.Count; i++)
        {
            int code = codes[i];
            int combining = Class(code);
            int at = i;
            while (combining > 0 && at > 0 && Class(codes[at - 1]) > combining)
            {
                codes[at] = codes[at - 1];
                at--;
            }
            codes[at] = code;
        }
    }

    private static void Compose(List<int> codes)
    {
        int written = 0;
        int starter = -1;
        int lastClass = -1;
        foreach (int code in codes.ToArray())
        {
            int combining = Class(code);
            if (starter >= 0 && lastClass < combining && Pair(codes[starter], code) is int composed)
            {
                codes[starter] = composed;
                continue;
            }
            codes[written] = code;
            if (combining == 0)
            {
                starter = written;
                lastClass = -1;
            }
            else
            {
                lastClass = combining;
            }
            written++;
        }
        codes.RemoveRange(written, codes.Count - written);
    }

    private static int? Pair(int first, int second)
    {
        if (first - LeadBase is >= 0 and < 19 and int lead && second - VowelBase is >= 0 and < Vowels and int vowel)
        {
            return SyllableBase + (((lead * Vowels) + vowel) * Trails);
        }
        if (first - SyllableBase is >= 0 and < Syllables and int syllable && syllable % Trails == 0 && second - TrailBase is > 0 and < Trails and int trail)
        {
            return first + trail;
        }
        return Compositions.TryGetValue((first, second), out int composed) ? composed : null;
    }

    private static int Class(int code) => Classes.TryGetValue(code, out byte combining) ? combining : 0;

    private static int Hex(string text) => int.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
