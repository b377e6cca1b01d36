using System.Text.Json;
using System.Text.Json.Serialization;
using Factory.Core;
using Factory.Core.Disk;

namespace Factory.Trainer.Comparison;

/// <summary>What a comparison reads of a report that Evals wrote.</summary>
internal sealed record ScoreReport(ScoreReport.ScoredModel Model, string Data, double? Limit, IReadOnlyList<ScoreReport.TaskScore> Tasks, IReadOnlyList<ScoreReport.TaskScore> Groups)
{
    private const string Metric = "acc";

    /// <summary>Name of the mean over the tasks.</summary>
    public const string Average = "average";

    /// <summary>Content hash of the bundle that was scored.</summary>
    public string? Bundle => Model.BundleSha256;

    /// <summary>null where there is none.</summary>
    /// <exception cref="UserError">The file is something else.</exception>
    public static ScoreReport? Read(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }
        try
        {
            return JsonSerializer.Deserialize(InputFile.ReadAllBytes(path, "a report of Evals"), ScoreReportJson.Default.ScoreReport);
        }
        catch (JsonException error)
        {
            throw new UserError($"{path}: expected a report of Evals, found {JsonProblem.Describe(error)} Remove it to score the model again.", error);
        }
    }

    /// <summary>Accuracy of each member of a group, in the group's order, and the group's own, which is their mean.</summary>
    public IReadOnlyDictionary<string, double> Accuracies(string group)
    {
        TaskScore whole = Groups.Single(scored => scored.Name == group);
        return new OrderedDictionary<string, double>(whole.Tasks!.Select(Named).Append(whole with { Name = Average }).Select(score => KeyValuePair.Create(score.Name, score.Metrics[Metric].Value)));

        TaskScore Named(string name) => Groups.Concat(Tasks).First(score => score.Name == name);
    }

    internal sealed record ScoredModel(string? BundleSha256);

    /// <param name="Tasks">Of a group: its members.</param>
    internal sealed record TaskScore(string Name, IReadOnlyDictionary<string, Score> Metrics, IReadOnlyList<string>? Tasks);

    internal sealed record Score(double Value);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ScoreReport))]
internal sealed partial class ScoreReportJson : JsonSerializerContext;
