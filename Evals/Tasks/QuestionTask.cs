using Factory.Core;
using Factory.Evals.Data;
using Factory.Evals.Prompts;

namespace Factory.Evals.Tasks;

/// <summary>A task whose rows are questions with answers, and which may show solved examples first. A new task is one instance: its files, how a row becomes a question, and its metrics.</summary>
public sealed class QuestionTask(string name, double version) : ScoredTask(name, version)
{
    public override string DataPath => Files[0];

    /// <summary>Where the evaluated rows may lie, relative to the data folder; the first that exists is read.</summary>
    public required IReadOnlyList<string> Files { get; init; }

    /// <summary>Where the rows for examples may lie.</summary>
    public required IReadOnlyList<string> ExampleFiles { get; init; }

    public required ShotRule ExampleRule { get; init; }

    /// <summary>The questions of a file, in its order. Further files that belong to it are read through the second argument, by their path relative to the data folder.</summary>
    public required Func<DataFile, Func<string, DataFile>, IEnumerable<Question>> Read { get; init; }

    /// <summary>Text before everything, the examples included. Default: none.</summary>
    public string Description { get; init; } = "";

    public override PreparedTask Prepare(DataFolder data, EvaluationOptions options)
    {
        int shots = options.NumFewshot ?? 0;
        var files = new List<DataFile>();
        Question[] questions = ReadQuestions(data, Files, files);
        Question[] pool = shots > 0 ? ReadPool(data, shots, files) : [];
        var sampler = new FewShotSampler(Name, pool, shots, ExampleRule);
        return new PreparedTask
        {
            Task = this,
            Shots = shots,
            Documents = [.. questions.Take(options.Count(questions.Length)).Select(question => question.Ask(Before(sampler.For(question)), options.Format))],
            Files = files,
            IsSample = data.IsSample,
        };
    }

    private Question[] ReadQuestions(DataFolder data, IReadOnlyList<string> candidates, List<DataFile> files)
    {
        DataFile file = data.Read(Name, candidates);
        files.Add(file);
        Question[] questions = [.. Read(file, Beside)];
        return questions.Length > 0 ? questions : throw file.Malformed("rows", "none");

        DataFile Beside(string path)
        {
            DataFile other = data.Read(Name, path);
            files.Add(other);
            return other;
        }
    }

    private Question[] ReadPool(DataFolder data, int shots, List<DataFile> files)
    {
        if (ExampleFiles.SequenceEqual(Files))
        {
            return ReadQuestions(data, ExampleFiles, []);
        }
        try
        {
            return ReadQuestions(data, ExampleFiles, files);
        }
        catch (MissingDataError error)
        {
            throw new SettingError(
                "num_fewshot", $"expected 0, as {Name} draws its examples from {ExampleFiles[0]} and there is no such file among the evaluation sets, found {shots}.", error);
        }
    }

    private IReadOnlyList<Turn> Before(IReadOnlyList<Question> examples) =>
        [.. Description.Length > 0 ? [Turn.System(Description)] : Array.Empty<Turn>(), .. examples.SelectMany(example => example.Solved)];
}
