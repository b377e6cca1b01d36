using Factory.Core;
using Factory.Evals.Prompts;

namespace Factory.Evals;

/// <summary>What to evaluate, as the user chose it.</summary>
public sealed record EvaluationOptions
{
    /// <summary>Names of tasks or groups, see <see cref="EvaluationTasks.Names"/>.</summary>
    public required IReadOnlyList<string> Tasks { get; init; }

    /// <summary>Documents of each task that are scored, in file order: a whole number of them, or below one a fraction. Default null: all.</summary>
    public double? Limit { get; init; }

    /// <summary>Folder with the official data sets in sub-folders. Default null: the small samples that come with Factory.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>Solved examples in front of each question. Default null: none.</summary>
    public int? NumFewshot { get; init; }

    /// <summary>How questions and examples become text. Default: plain text.</summary>
    public PromptFormat Format { get; init; } = PromptFormat.Plain;

    /// <summary>File that the task "perplexity" scores. Default null: none.</summary>
    public string? TextFile { get; init; }

    /// <summary>Resamples behind the standard error of a perplexity; 0: no such standard error. Default 100000, the harness's.</summary>
    public int BootstrapIterations { get; init; } = 100_000;

    /// <summary>Which part of every task's documents is scored. Default: all.</summary>
    public Shard Shard { get; init; } = Shard.Whole;

    /// <summary>Where the report's date comes from.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>How many of a task's documents are scored: a fraction is rounded up, as the harness does.</summary>
    internal int Count(int documents) => Limit switch
    {
        null => documents,
        < 1 => (int)Math.Ceiling(documents * Limit.Value),
        _ => (int)Math.Min(documents, Limit.Value),
    };

    /// <exception cref="SettingError">A value is out of range.</exception>
    internal EvaluationOptions Validate()
    {
        if (Tasks.Count == 0)
        {
            throw new SettingError("tasks", $"expected at least one of {string.Join(", ", EvaluationTasks.ShortNames)}, found none.");
        }
        if (Limit is double limit && !(limit > 0 && (limit < 1 || limit == Math.Floor(limit))))
        {
            throw new SettingError("limit", FormattableString.Invariant($"expected a whole number of documents from 1, or a fraction between 0 and 1, found {limit}."));
        }
        AtLeastZero("num_fewshot", NumFewshot);
        AtLeastZero("bootstrap_iterations", BootstrapIterations);
        return this;

        static void AtLeastZero(string setting, int? value)
        {
            if (value < 0)
            {
                throw new SettingError(setting, FormattableString.Invariant($"expected 0 or more, found {value}."));
            }
        }
    }
}
