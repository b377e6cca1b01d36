using System.Text;
using Factory.Evals.Python;

namespace Factory.Evals.Scoring;

/// <summary>
/// How SQuAD v1.1 (Rajpurkar et al., 2016) compares an answer with a reference: both in lower case, without ASCII punctuation and the articles a, an and the,
/// white space squeezed. Scores run from 0 to 1; the official script prints them times 100.
/// </summary>
public static class SquadScore
{
    private const string Punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

    /// <summary>1 where both are equal after normalization, else 0.</summary>
    public static double ExactMatch(string answer, string reference) => Normalize(answer) == Normalize(reference) ? 1 : 0;

    /// <summary>Harmonic mean of precision and recall over words, each counted as often as both have it; 0 where they share none.</summary>
    public static double F1(string answer, string reference)
    {
        string[] found = Words(Normalize(answer));
        string[] expected = Words(Normalize(reference));
        Dictionary<string, int> left = expected.CountBy(word => word).ToDictionary();
        int shared = found.CountBy(word => word).Sum(word => Math.Min(word.Value, left.GetValueOrDefault(word.Key)));
        if (shared == 0)
        {
            return 0;
        }
        double precision = (double)shared / found.Length;
        double recall = (double)shared / expected.Length;
        return 2 * precision * recall / (precision + recall);
    }

    internal static string Normalize(string text)
    {
        var letters = new StringBuilder(text.Length);
        foreach (char c in text.ToLowerInvariant().Where(c => !Punctuation.Contains(c, StringComparison.Ordinal)))
        {
            letters.Append(c);
        }
        // Articles go where they stand as words of their own; what is a word's edge is Python's \b.
        return string.Join(' ', Words(PythonText.WithoutArticles(letters.ToString())));
    }

    private static string[] Words(string text) => PythonText.Split(text);
}
