namespace Factory.Core;

/// <summary>"Did you mean …?": the known name that a misspelt one is likely to stand for.</summary>
public static class NearestName
{
    /// <summary>Names longer than this are nobody's typing mistake, and the work stays small.</summary>
    private const int LongestName = 64;

    /// <summary>The nearest of <paramref name="known"/>, or null where none is near: more than one edit and a quarter of its length away.</summary>
    public static string? Find(string name, IEnumerable<string> known)
    {
        (string? nearest, int distance) = known.Select(candidate => (candidate, Distance(name, candidate))).DefaultIfEmpty((null!, 0)).MinBy(found => found.Item2);
        return nearest is not null && distance <= 1 + (nearest.Length / 4) ? nearest : null;
    }

    /// <summary>Insertions, deletions and replacements of a character that turn one name into another (Levenshtein).</summary>
    internal static int Distance(string from, string to)
    {
        if (Math.Max(from.Length, to.Length) > LongestName)
        {
            return from == to ? 0 : LongestName;
        }
        int[] row = [.. Enumerable.Range(0, to.Length + 1)];
        for (int i = 1; i <= from.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.Length; j++)
            {
                int replaced = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[^1];
    }
}
