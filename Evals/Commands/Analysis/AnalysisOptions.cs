using System.CommandLine;
using Factory.CommandLine;
using Factory.Core;
using Factory.Core.Disk;
using Factory.Evals.Analysis;
using Factory.Runtime;

namespace Factory.Evals.Commands.Analysis;

/// <summary>Options that all analyses share: which bundles, over which sequences, and where the results go.</summary>
internal sealed class AnalysisOptions
{
    private readonly Option<string?> _model = new("--model") { Description = "Bundles to look into, comma-separated. [default: the one that models/latest names]", HelpName = "DIR,DIR" };
    private readonly Option<string?> _tasks = new("--tasks") { Description = "Read the documents of these tasks (prune: score them).", HelpName = "TASK,TASK" };
    private readonly Option<string?> _text = new("--text") { Description = "Read this text instead. [default: the one that comes with Factory]", HelpName = "FILE" };
    private readonly Option<string?> _ids = new("--ids") { Description = "Read token ids instead, for bundles without a tokenizer: JSON arrays, one a line.", HelpName = "FILE" };
    private readonly Option<string?> _data = new("--data") { Description = "Folder with the data sets of --tasks. [default: the samples that come with Factory]", HelpName = "DIR" };
    private readonly Option<int?> _shots = new("--num-fewshot") { Description = "Solved examples in front of each question of --tasks. [default: 0]", HelpName = "N" };
    private readonly Option<int?> _limit = new("--limit") { Description = "Only the first N sequences of a text or of ids, or documents of each task. [default: 32 sequences of a text, else all]", HelpName = "N" };
    private readonly Option<string> _output = new("--output") { Description = "Folder for the results: JSON, and each figure as PNG and SVG.", HelpName = "DIR", DefaultValueFactory = _ => "analysis" };
    private readonly Option<int> _threads = ThreadsOption.Create();

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_model, _tasks, _text, _ids, _data, _shots, _limit, _output, _threads])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Checks everything that can be checked before hours of work.</summary>
    /// <exception cref="UserError">A bundle, a file or the data of a task is missing, or nothing can be written to the output.</exception>
    public AnalysisJob Read(ParseResult parsed)
    {
        string? tasks = parsed.GetValue(_tasks);
        int? limit = parsed.GetValue(_limit);
        if (limit < 1)
        {
            throw new SettingError("limit", FormattableString.Invariant($"expected at least 1, found {limit}."));
        }
        string[] sources = [.. new (string Name, string? Value)[] { ("tasks", tasks), ("text", parsed.GetValue(_text)), ("ids", parsed.GetValue(_ids)) }.Where(source => source.Value is not null).Select(source => source.Name)];
        if (sources.Length > 1)
        {
            throw new SettingError(sources[1], $"expected one of tasks, text and ids, found {string.Join(" and ", sources)}.");
        }
        EvaluationPlan? plan = tasks is null ? null : EvaluationPlan.From(new EvaluationOptions
        {
            Tasks = tasks.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
            DataDirectory = parsed.GetValue(_data),
            NumFewshot = parsed.GetValue(_shots),
            Limit = limit,
        });
        string output = parsed.GetRequiredValue(_output);
        OutputPath.RequireWritableFolder("output", output);
        var sequences = new AnalysisSequences { IdsFile = parsed.GetValue(_ids), TextFile = parsed.GetValue(_text), Plan = plan, Limit = limit };
        string[] models = parsed.GetValue(_model)?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [new ModelOption().Directory(parsed)];
        if (models.Length == 0)
        {
            throw new SettingError("model", "expected bundles, found none.");
        }
        AnalyzedBundle[] bundles = [.. models.Select(AnalyzedBundle.Open)];
        return new AnalysisJob(
            [.. bundles.Select((bundle, index) => new AnalysisTarget(Name(bundles, index), bundle, sequences.For(bundle)))],
            plan,
            new RuntimeOptions { Provider = ProviderChoice.Cpu, Threads = parsed.GetValue(_threads) },
            output);
    }

    /// <summary>The directory's name; where several bundles have one name, with that of the directory above it.</summary>
    private static string Name(AnalyzedBundle[] bundles, int index)
    {
        AnalyzedBundle bundle = bundles[index];
        string? above = Path.GetFileName(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(bundle.Directory))));
        return bundles.Count(other => other.Name == bundle.Name) > 1 ? $"{above}/{bundle.Name}" : bundle.Name;
    }
}
