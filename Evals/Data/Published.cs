namespace Factory.Evals.Data;

/// <summary>Where a split of a data set may lie, relative to the data folder, in the forms in which sets are published on hubs.</summary>
internal static class Published
{
    /// <param name="folder">The set's folder, with its configuration where it has several: "arc/ARC-Easy".</param>
    /// <param name="split">"train", "validation" or "test".</param>
    public static IReadOnlyList<string> Split(string folder, string split) =>
    [
        $"{folder}/{split}.jsonl",
        $"{folder}/{split}.csv",
        $"{folder}/{split}.parquet",
        $"{folder}/{split}-00000-of-00001.parquet",
        $"{folder}/data/{split}-00000-of-00001.parquet",
    ];
}
