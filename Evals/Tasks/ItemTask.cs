using System.Text;
using Factory.Core;
using Factory.Evals.Data;
using Factory.Evals.Python;

namespace Factory.Evals.Tasks;

/// <summary>A task whose rows are questions with answers, and which may show solved examples first.</summary>
public abstract class ItemTask(string name, double version, ShotRule shotRule) : ScoredTask(name, version)
{
    private const string Separator = "\n\n";

    public sealed override bool IsRolling => false;

    public sealed override string DataPath => EvaluatedFiles[0];

    /// <summary>Where the evaluated rows may lie, relative to the data folder; the first that exists is read.</summary>
    protected abstract IReadOnlyList<string> EvaluatedFiles { get; }

    /// <summary>Where the rows for examples may lie.</summary>
    protected abstract IReadOnlyList<string> ShotFiles { get; }

    /// <summary>Text before everything, the examples included.</summary>
    protected virtual string Description => "";

    public sealed override PreparedTask Prepare(DataFolder data, EvaluationOptions options)
    {
        int shots = options.NumFewshot ?? 0;
        var files = new List<DataFile>();
        IReadOnlyList<ChoiceItem> items = ReadItems(data, EvaluatedFiles, files);
        IReadOnlyList<ChoiceItem> pool = shots > 0 ? ReadPool(data, shots, files) : [];
        var sampler = new FewShotSampler(Name, pool, shots, shotRule);
        return new PreparedTask
        {
            Task = this,
            Shots = shots,
            Documents = [.. items.Take(options.Limit ?? int.MaxValue).Select(item => ToDocument(item, Prefix(sampler.For(item))))],
            Files = files,
        };
    }

    /// <summary>The rows of <paramref name="file"/>. Further files that belong to it are read through <paramref name="beside"/>.</summary>
    /// <param name="beside">Reads a file by its path relative to the data folder.</param>
    protected abstract IEnumerable<ChoiceItem> Read(DataFile file, Func<string, DataFile> beside);

    private ChoiceItem[] ReadItems(DataFolder data, IReadOnlyList<string> candidates, List<DataFile> files)
    {
        DataFile file = data.Read(Name, candidates);
        files.Add(file);
        ChoiceItem[] items = [.. Read(file, Beside)];
        return items.Length > 0 ? items : throw new UserError($"{file.Path}: expected rows, found an empty file.");

        DataFile Beside(string path)
        {
            DataFile other = data.Read(Name, path);
            files.Add(other);
            return other;
        }
    }

    private ChoiceItem[] ReadPool(DataFolder data, int shots, List<DataFile> files)
    {
        if (ShotFiles.SequenceEqual(EvaluatedFiles))
        {
            return ReadItems(data, ShotFiles, []);
        }
        try
        {
            return ReadItems(data, ShotFiles, files);
        }
        catch (MissingDataError error)
        {
            throw new UserError($"{error.Message} --num-fewshot {shots} draws its examples from there; without it, use --num-fewshot 0.", error);
        }
    }

    private string Prefix(IReadOnlyList<ChoiceItem> examples)
    {
        var prefix = new StringBuilder(Description);
        foreach (ChoiceItem example in examples)
        {
            prefix.Append(example.Solved).Append(Separator);
        }
        return prefix.ToString();
    }

    private static ChoiceDocument ToDocument(ChoiceItem item, string prefix) => new(
        [.. item.Prompts.Zip(item.Targets, (prompt, target) => new LogLikelihoodRequest(prefix + prompt, " " + target))],
        item.Gold,
        [.. item.Targets.Select(PythonText.Length)]);
}
