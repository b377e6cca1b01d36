using System.CommandLine;

namespace Factory.Evals.Commands;

/// <summary>Options that say which questions are asked.</summary>
internal static class TaskOptions
{
    public static Option<string?> Data() => new("--data")
    {
        Description = "Folder with the data sets, each in its own sub-folder; 'Evals tasks' lists the files. Default: the samples that come with Factory.",
    };

    public static Option<int?> NumFewshot() => new("--num-fewshot") { Description = "Solved examples in front of each question. Default: 0." };

    public static Option<int?> Limit() => new("--limit") { Description = "Score only the first N documents of each task. Default: all." };

    public static Option<string?> Text() => new("--text") { Description = "Text file that the task 'perplexity' scores." };
}
