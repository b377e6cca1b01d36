using Factory.Core;
using Factory.Evals.Tasks;

namespace Factory.Evals;

/// <summary>Every task that Evals knows.</summary>
public static class EvaluationTasks
{
    private static readonly ScoredTask[] Single =
    [
        Arc.Task("arc_easy", "ARC-Easy"),
        Arc.Task("arc_challenge", "ARC-Challenge"),
        Boolq.Task,
        HellaSwag.Task,
        Lambada.Task,
        OpenBookQa.Task,
        TextPerplexity.Task,
        Piqa.Task,
        Squad.Task,
        Wikitext.Task,
        WinoGrande.Task,
    ];

    /// <summary>The seven columns of the paper's fine-tuning table, in its order, and their plain mean.</summary>
    private static readonly TaskGroup Paper =
        new("paper", 1, [MmluCatalog.Group, Boolq.Task, Single[0], Piqa.Task, HellaSwag.Task, OpenBookQa.Task, WinoGrande.Task]) { WeightedBySize = false };

    private static readonly EvaluationTask[] Table = [.. Single, Paper, .. MmluCatalog.Group.Groups, .. MmluCatalog.Group.Leaves];

    /// <summary>Tasks and groups as a list for people: MMLU's subjects appear as one pattern.</summary>
    public static IReadOnlyList<string> ShortNames { get; } =
        [.. Single.Select(task => task.Name), Paper.Name, .. MmluCatalog.Group.Groups.Select(group => group.Name), "mmlu_SUBJECT"];

    /// <summary>Every name.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Table.Select(task => task.Name)];

    /// <summary>Tasks with samples that come with Factory: a first look at a model in minutes.</summary>
    public static IReadOnlyList<string> Quickstart { get; } = ["arc_easy", "boolq", "hellaswag", "piqa", "winogrande", "mmlu_high_school_geography"];

    /// <summary>Every task and group, with what it holds.</summary>
    internal static IReadOnlyList<EvaluationTask> All => Table;

    /// <summary>The task or group called <paramref name="name"/>.</summary>
    /// <exception cref="SettingError">There is none; the message lists the names and the nearest.</exception>
    public static EvaluationTask Find(string name) =>
        Table.FirstOrDefault(task => task.Name == name)
        ?? throw new SettingError("tasks", $"expected names among {string.Join(", ", ShortNames)}, found '{name}'.{(NearestName.Find(name, Names) is string near ? $" Did you mean '{near}'?" : "")}");
}
