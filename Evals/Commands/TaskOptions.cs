using System.CommandLine;
using System.Globalization;

namespace Factory.Evals.Commands;

/// <summary>Options that say which questions are asked.</summary>
internal sealed class TaskOptions
{
    private readonly Option<string?> _data = new("--data")
    {
        Description = "Folder with the data sets, each in its own sub-folder; 'Evals tasks' lists the files, 'Evals data fetch' gets them. [default: the samples that come with Factory]",
        HelpName = "DIR",
    };

    private readonly Option<int?> _shots = new("--num-fewshot") { Description = "Solved examples in front of each question. [default: 0]", HelpName = "N" };

    private readonly Option<double?> _limit = new("--limit")
    {
        Description = "Only the first N documents of each task, or below 1 that fraction of them. [default: all]",
        HelpName = "N",
        CustomParser = result =>
        {
            if (double.TryParse(result.Tokens[0].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out double value))
            {
                return value;
            }
            result.AddError($"--limit: expected a number of documents or a fraction of them, found '{result.Tokens[0].Value}'.");
            return null;
        },
    };

    private readonly Option<string?> _text = new("--text")
    {
        Description = "UTF-8 text file for the task 'perplexity': exp of the negative log-likelihood of the whole file, per token, word and byte.",
        HelpName = "FILE",
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_data);
        command.Options.Add(_shots);
        command.Options.Add(_limit);
        command.Options.Add(_text);
    }

    /// <summary>What was chosen.</summary>
    /// <param name="tasks">Names, comma-separated.</param>
    public EvaluationOptions Read(ParseResult parsed, string tasks) => new()
    {
        Tasks = tasks.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
        DataDirectory = parsed.GetValue(_data),
        NumFewshot = parsed.GetValue(_shots),
        Limit = parsed.GetValue(_limit),
        TextFile = parsed.GetValue(_text),
    };
}
