using System.Text.Json.Serialization;
using Factory.Evals.Models;
using Factory.Evals.Prompts;
using Factory.Evals.Reporting;

namespace Factory.Evals;

/// <summary>Scores with their birth certificate: what was asked of which model, over which data, by which software.</summary>
public sealed record EvaluationReport
{
    /// <summary><see cref="Data"/> of a report on the rows that come with Factory.</summary>
    public const string SampleData = "sample";

    public int FormatVersion { get; init; } = 1;

    public required DateTimeOffset Date { get; init; }

    public required ModelDescription Model { get; init; }

    /// <summary>The data folder; <see cref="SampleData"/> for the few rows that come with Factory; the text file where nothing else was scored.</summary>
    public required string Data { get; init; }

    /// <summary>Documents of each task, or below one the fraction of them; null: all.</summary>
    public required double? Limit { get; init; }

    /// <summary>How questions were put as conversations; null: they were plain text.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ChatFacts? Chat { get; init; }

    /// <summary>The part of the documents that was scored, "1/2"; null: all.</summary>
    public string? Shard { get; init; }

    /// <summary>File beside the report with what was found in every single document; null: none.</summary>
    public string? Samples { get; init; }

    public required IReadOnlyList<TaskReport> Tasks { get; init; }

    public required IReadOnlyList<GroupReport> Groups { get; init; }

    /// <summary>Version of each library that took part.</summary>
    public required IReadOnlyDictionary<string, string> Packages { get; init; }

    /// <summary>Commit that Factory was built from; null when built outside a repository.</summary>
    public required string? GitCommit { get; init; }

    internal static EvaluationReport From(EvaluationPlan plan, ModelDescription model, IReadOnlyList<TaskReport> tasks) => new()
    {
        Date = plan.Options.Clock.GetUtcNow(),
        Model = model,
        Data = plan.Data,
        Limit = plan.Options.Limit,
        Chat = plan.Options.Format is ChatPrompt chat ? new ChatFacts(chat.TemplateSha256, chat.IsMultiturn) : null,
        Shard = plan.Options.Shard.IsWhole ? null : plan.Options.Shard.ToString(),
        Tasks = tasks,
        Groups = [.. plan.Groups.Select(group => GroupReport.From(group, tasks))],
        Packages = BuildFacts.Packages,
        GitCommit = BuildFacts.GitCommit,
    };
}

/// <summary>How reports are spelled in JSON. A number that JSON cannot hold is null.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(EvaluationReport))]
public sealed partial class EvaluationJson : JsonSerializerContext;
