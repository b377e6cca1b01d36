using Factory.Core;

namespace Factory.Evals.Data;

/// <summary>
/// Where tasks find their data: a folder with one sub-folder a data set, each with the files as they are published
/// (<c>arc/ARC-Easy/ARC-Easy-Test.jsonl</c>, <c>piqa/valid.jsonl</c>, <c>boolq/validation-00000-of-00001.parquet</c> …), or the samples that come
/// with Factory in the same layout.
/// </summary>
public sealed class DataFolder
{
    private readonly string _path;

    private DataFolder(string path, bool isSample)
    {
        _path = path;
        IsSample = isSample;
    }

    /// <summary>Whether these are the few rows that come with Factory; scores on them say little about a model.</summary>
    public bool IsSample { get; }

    /// <summary>The samples beside the program.</summary>
    public static DataFolder Samples() => new(Path.Combine(AppContext.BaseDirectory, "Samples"), isSample: true);

    /// <param name="path">The folder; null: the samples.</param>
    /// <exception cref="SettingError">There is no such folder.</exception>
    public static DataFolder Open(string? path)
    {
        if (path is null)
        {
            return Samples();
        }
        return Directory.Exists(path)
            ? new DataFolder(path, isSample: false)
            : throw new SettingError("data", $"expected a folder with data sets ('Evals tasks' lists the files), found no such folder: '{path}'.");
    }

    /// <summary>Reads the first of <paramref name="candidates"/> (paths relative to the folder) that is there.</summary>
    /// <param name="task">Who asks, for the message.</param>
    /// <exception cref="MissingDataError">None is there.</exception>
    public DataFile Read(string task, params IReadOnlyList<string> candidates) =>
        candidates.FirstOrDefault(name => File.Exists(Path.Combine(_path, name))) is string found
            ? new DataFile(_path, found)
            : throw new MissingDataError(task, IsSample ? null : _path, candidates[0]);
}
