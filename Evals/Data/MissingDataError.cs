namespace Factory.Evals.Data;

/// <summary>A data set's file is not where it is looked for. The message names the command that gets it.</summary>
public sealed class MissingDataError : DataError
{
    /// <param name="task">Who asks.</param>
    /// <param name="folder">Where was looked; null: among the samples that come with Factory.</param>
    /// <param name="name">The file, relative to the folder.</param>
    public MissingDataError(string task, string? folder, string name)
        : base(
            folder is null
                ? $"{task}: expected {name}, found no sample of it beside Factory. Get the set and name its folder: 'Evals data fetch {task} --data data', then --data data."
                : $"{task}: expected {Path.Combine(folder, name)}, found no such file. 'Evals data fetch {task} --data {folder}' gets it.",
            $"{task}: expected {name} among the evaluation sets, found no such file.") => Task = task;

    public string Task { get; }
}
