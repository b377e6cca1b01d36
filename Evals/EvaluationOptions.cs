using Factory.Core;

namespace Factory.Evals;

/// <summary>What to evaluate, as the user chose it.</summary>
public sealed record EvaluationOptions
{
    /// <summary>Names of tasks or groups, see <see cref="EvaluationTasks.Names"/>.</summary>
    public required IReadOnlyList<string> Tasks { get; init; }

    /// <summary>First documents of each task that are scored; null: all.</summary>
    public int? Limit { get; init; }

    /// <summary>Folder with the official data sets in sub-folders; null: the small samples that come with Factory.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>Solved examples in front of each question; null: none.</summary>
    public int? NumFewshot { get; init; }

    /// <summary>File that the task "perplexity" scores.</summary>
    public string? TextFile { get; init; }

    /// <summary>Resamples behind the standard error of a perplexity; the harness's default. 0: no such standard error.</summary>
    public int BootstrapIterations { get; init; } = 100_000;

    /// <summary>Folder that receives every answer as TASK.jsonl; null: answers are not kept.</summary>
    public string? SampleDirectory { get; init; }

    /// <summary>Where the report's date comes from.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <exception cref="SettingError">A value is out of range.</exception>
    internal EvaluationOptions Validate()
    {
        if (Tasks.Count == 0)
        {
            throw new SettingError("tasks", $"expected at least one of {string.Join(", ", EvaluationTasks.ShortNames)}, found none.");
        }
        AtLeast("limit", Limit, 1);
        AtLeast("num_fewshot", NumFewshot, 0);
        AtLeast("bootstrap_iterations", BootstrapIterations, 0);
        return this;

        static void AtLeast(string setting, int? value, int least)
        {
            if (value < least)
            {
                throw new SettingError(setting, FormattableString.Invariant($"expected at least {least}, found {value}."));
            }
        }
    }
}
