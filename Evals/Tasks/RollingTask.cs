using Factory.Evals.Data;
using Factory.Evals.Requests;

namespace Factory.Evals.Tasks;

/// <summary>A task that scores whole texts. Examples in front have no meaning for it.</summary>
public sealed class RollingTask(string name, double version) : ScoredTask(name, version)
{
    public override string DataPath => Source;

    /// <summary>What is read, for people: a path relative to the data folder, or the option that names a file.</summary>
    public required string Source { get; init; }

    /// <summary>Finds the file.</summary>
    public required Func<DataFolder, EvaluationOptions, DataFile> Open { get; init; }

    /// <summary>The texts of the file, in its order.</summary>
    public required Func<DataFile, IEnumerable<TextDocument>> Read { get; init; }

    /// <summary>Whether the file is one of the data folder's; otherwise the user's own.</summary>
    public bool ReadsDataFolder { get; init; } = true;

    public override PreparedTask Prepare(DataFolder data, EvaluationOptions options)
    {
        DataFile file = Open(data, options);
        TextDocument[] texts = [.. Read(file)];
        return new PreparedTask
        {
            Task = this,
            Shots = 0,
            Documents = [.. texts.Take(options.Count(texts.Length))],
            Files = [file],
            IsSample = ReadsDataFolder && data.IsSample,
        };
    }
}
