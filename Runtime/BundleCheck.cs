using System.Globalization;
using Factory.Core;
using Factory.Core.Bundles;
using Factory.Core.Disk;

namespace Factory.Runtime;

/// <summary>What every kind of bundle is checked for when it is opened.</summary>
internal static class BundleCheck
{
    /// <summary>The directory's name, whatever stands behind it.</summary>
    public static string Name(string directory) => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory)));

    /// <exception cref="UserError">A file is not listed.</exception>
    public static void RequireFiles(string directory, Manifest manifest, IEnumerable<string> names)
    {
        foreach (string name in names.Where(name => !manifest.Files.ContainsKey(name)))
        {
            throw Refused(directory, $"expected '{name}' among the files of {Manifest.FileName}, found no such entry");
        }
    }

    /// <summary>How far an output may lie from the probe's, relative to the largest where that exceeds 1.</summary>
    /// <param name="otherwise">For bundles without this fact; null: there are none of this kind.</param>
    /// <exception cref="UserError">The fact is no positive number.</exception>
    public static double Tolerance(string directory, Manifest manifest, double? otherwise)
    {
        string? text = manifest.Facts.GetValueOrDefault(BundleFolder.LogitToleranceFact);
        return text is null && otherwise is double known ? known
            : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double tolerance) && tolerance > 0 && double.IsFinite(tolerance) ? tolerance
            : throw Refused(directory, $"expected the fact '{BundleFolder.LogitToleranceFact}' as a positive number in {Manifest.FileName}, found {(text is null ? "none" : $"'{text}'")}");
    }

    /// <exception cref="UserError">The tokenizer has more pieces than the model.</exception>
    public static void RequireVocabulary(string directory, int pieces, int vocabulary)
    {
        if (pieces > vocabulary)
        {
            throw Refused(directory, $"expected a tokenizer of at most {vocabulary} pieces (vocab_size), found one of {pieces}");
        }
    }

    public static UserError Refused(string directory, string what) => new($"{directory}: {what}. Export the model again.");
}
