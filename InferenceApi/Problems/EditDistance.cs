namespace Factory.InferenceApi.Problems;

/// <summary>Levenshtein distance: insertions, deletions and replacements that turn one name into another.</summary>
internal static class EditDistance
{
    /// <summary>Names longer than this are nobody's typing mistake, and the table stays small.</summary>
    private const int MaxLength = 64;

    public static int Between(string a, string b)
    {
        if (Math.Max(a.Length, b.Length) > MaxLength)
        {
            return MaxLength;
        }
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 0; i < a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i + 1;
            for (int j = 0; j < b.Length; j++)
            {
                int replaced = diagonal + (a[i] == b[j] ? 0 : 1);
                diagonal = row[j + 1];
                row[j + 1] = Math.Min(replaced, 1 + Math.Min(row[j], row[j + 1]));
            }
        }
        return row[b.Length];
    }
}
