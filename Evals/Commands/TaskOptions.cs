using System.CommandLine;

namespace Factory.Evals.Commands;

/// <summary>Options that say which questions are asked.</summary>
internal static class TaskOptions
{
    public static Option<string?> Data() => new("--data")
    {
        Description = "Folder with the data sets, each in its own sub-folder; 'Evals tasks' lists the files. [default: the samples that come with Factory]",
        HelpName = "DIR",
    };

    public static Option<int?> NumFewshot() => new("--num-fewshot") { Description = "Solved examples in front of each question. [default: 0]", HelpName = "N" };

    public static Option<int?> Limit() => new("--limit") { Description = "Only the first N documents of each task. [default: all]", HelpName = "N" };

    public static Option<string?> Text() => new("--text")
    {
        Description = "UTF-8 text file for the task 'perplexity': exp of the negative log-likelihood of the whole file, per token, word and byte.",
        HelpName = "FILE",
    };
}
