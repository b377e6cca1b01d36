using System.Globalization;
using Factory.Core;
using Factory.Core.Disk;

namespace Factory.Trainer.Texts;

/// <summary>
/// Finds the files that --input names: files, directories with all below them, and patterns, each with a weight behind it where one is given
/// ("books=2"). What is passed over is said: hidden files, kinds that are not read, files met twice, folders that a link leads back to.
/// </summary>
internal sealed class InputSearch
{
    private const double LargestWeight = 1000;

    private readonly HashSet<string> _seen = [];
    private readonly SortedDictionary<string, int> _otherKinds = new(StringComparer.Ordinal);
    private int _hidden;
    private int _twice;
    private int _loops;

    /// <param name="log">Takes a line about what was passed over.</param>
    /// <exception cref="SettingError">An input is missing, of a kind that is not read, or without text files.</exception>
    public static IReadOnlyList<InputSource> Find(IReadOnlyList<string> inputs, Action<string> log)
    {
        var search = new InputSearch();
        InputSource[] sources = [.. inputs.Select(search.Source)];
        search.Report(log);
        return sources;
    }

    private InputSource Source(string input)
    {
        (string path, double weight) = Split(input);
        try
        {
            return new InputSource(path, weight, [.. Files(path)]);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new SettingError("input", $"expected folders that can be read, found: {error.Message}", error);
        }
    }

    /// <summary>"PATH=WEIGHT", unless that is the name of something.</summary>
    private static (string Path, double Weight) Split(string input)
    {
        int at = input.LastIndexOf('=');
        if (at <= 0 || Path.Exists(input) || !double.TryParse(input.AsSpan(at + 1), NumberStyles.Float, CultureInfo.InvariantCulture, out double weight))
        {
            return (input, 1);
        }
        return weight > 0 && weight <= LargestWeight
            ? (input[..at], weight)
            : throw new SettingError("input", FormattableString.Invariant($"expected a weight above 0 and at most {LargestWeight} behind '=', found '{input}'."));
    }

    private List<string> Files(string input)
    {
        var found = new List<string>();
        if (Directory.Exists(input))
        {
            Search(new DirectoryInfo(input), input, [], found);
            return found.Count > 0 ? found : throw new SettingError("input", $"expected files ending in {FileKind.Suffixes} in {input}, found {(_twice > 0 ? "only files that were named before" : "none")}.");
        }
        IReadOnlyList<string> named = File.Exists(input) ? [input] : GlobPattern.Is(input) ? GlobPattern.Files(input) : [];
        if (named.Count == 0)
        {
            throw new SettingError("input", $"expected a text file, a directory of them or a pattern that fits some, found nothing at {input}.");
        }
        foreach (string file in named)
        {
            if (FileKind.FromPath(file) is null)
            {
                throw new SettingError("input", $"expected a file ending in {FileKind.Suffixes}, found {file}.");
            }
            if (!InputFile.IsRegular(file))
            {
                throw new SettingError("input", $"expected a file that can be read more than once, found a pipe or a device at {file}. Write its content to a file first.");
            }
            Take(file, found);
        }
        return found;
    }

    /// <param name="above">Real paths of the folders on the way here, so that a link back to one of them is not followed.</param>
    private void Search(DirectoryInfo folder, string path, HashSet<string> above, List<string> found)
    {
        string real = InputFile.RealPath(folder.FullName);
        if (!above.Add(real))
        {
            _loops++;
            return;
        }
        foreach (FileSystemInfo entry in folder.EnumerateFileSystemInfos().OrderBy(entry => entry.Name, StringComparer.Ordinal))
        {
            string child = Path.Combine(path, entry.Name);
            if (entry.Name[0] == '.')
            {
                _hidden++;
            }
            else if (Directory.Exists(child))
            {
                Search(new DirectoryInfo(child), child, above, found);
            }
            else if (FileKind.FromPath(child) is null || !InputFile.IsRegular(child))
            {
                string kind = !InputFile.IsRegular(child) ? "links that lead nowhere, pipes, devices" : Path.GetExtension(child) is { Length: > 0 } suffix ? suffix : "no suffix";
                _otherKinds[kind] = _otherKinds.TryGetValue(kind, out int count) ? count + 1 : 1;
            }
            else
            {
                Take(child, found);
            }
        }
        above.Remove(real);
    }

    private void Take(string file, List<string> found)
    {
        if (_seen.Add(InputFile.RealPath(file)))
        {
            found.Add(file);
        }
        else
        {
            _twice++;
        }
    }

    private void Report(Action<string> log)
    {
        string[] passed =
        [
            .. _otherKinds.Select(kind => $"{kind.Value} of a kind that is not read ({kind.Key})"),
            .. Some(_hidden, "hidden"), .. Some(_twice, "met twice, taken once"), .. Some(_loops, "that a link leads back to"),
        ];
        if (passed.Length > 0)
        {
            log($"Passed over files: {string.Join("; ", passed)}.");
        }

        static IEnumerable<string> Some(int count, string what) => count > 0 ? [FormattableString.Invariant($"{count} {what}")] : [];
    }
}
