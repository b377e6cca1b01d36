using System.Globalization;
using Factory.Core;

namespace Factory.Trainer.Fetch;

/// <summary>
/// The English part of C4 as it is published (Raffel et al. 2020, "Exploring the limits of transfer learning"; data set allenai/c4, folder en):
/// 1024 shards of about 300 MB to train on and 8 to validate, gzipped JSON lines with text, timestamp and url.
/// </summary>
internal static class C4Shards
{
    /// <summary>Where Hugging Face serves data sets.</summary>
    public const string PublicHome = "https://huggingface.co";

    private const int TrainCount = 1024;
    private const int ValidationCount = 8;

    /// <summary>File names of the shards "a..b", both included, or of the one "a".</summary>
    /// <exception cref="SettingError">The range is none, or reaches beyond the last shard.</exception>
    public static IReadOnlyList<string> Names(string range, bool validation)
    {
        int count = validation ? ValidationCount : TrainCount;
        string[] ends = range.Split("..");
        if (ends.Length is < 1 or > 2 || !TryParse(ends[0], out int first) || !TryParse(ends[^1], out int last) || first > last || last >= count)
        {
            throw new SettingError("shards", FormattableString.Invariant($"expected A..B with 0 ≤ A ≤ B ≤ {count - 1}, found '{range}'."));
        }
        string split = validation ? "validation" : "train";
        return [.. Enumerable.Range(first, last - first + 1).Select(shard => string.Create(CultureInfo.InvariantCulture, $"c4-{split}.{shard:D5}-of-{count:D5}.json.gz"))];

        static bool TryParse(string text, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    /// <summary>The address of a shard.</summary>
    /// <param name="home">The public home, or a mirror of it.</param>
    public static Uri Address(Uri home, string name) => new(home, $"datasets/allenai/c4/resolve/main/en/{name}");
}
