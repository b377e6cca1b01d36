using System.Text.Json;
using System.Text.Json.Serialization;
using Factory.Core;
using Factory.Core.Disk;

namespace Factory.Trainer.Comparison;

/// <summary>What a comparison reads of a report that Evals wrote.</summary>
internal sealed record ScoreReport(ScoreReport.ScoredModel Model, string Data, IReadOnlyList<ScoreReport.TaskScore> Tasks, IReadOnlyList<ScoreReport.TaskScore> Groups, double? Limit = null)
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
            return JsonSerializer.Deserialize(InputFile.ReadAllBytes(path, "a report of Evals"), ScoreReportJson.Default.ScoreReport)
                ?? throw new UserError($"{path}: expected a report of Evals, found null. Remove it to score the model again.");
        }
        catch (JsonException error)
        {
            throw new UserError($"{path}: expected a report of Evals, found {JsonProblem.Describe(error)} Remove it to score the model again.", error);
        }
    }

    /// <summary>Accuracy of each member of a group, in the group's order, and the group's own, which is their mean; null where one of these is not there.</summary>
    public IReadOnlyDictionary<string, double>? Accuracies(string group)
    {
        if (Find(group) is not { Tasks: { } members } whole)
        {
            return null;
        }
        var accuracies = new OrderedDictionary<string, double>();
        foreach ((string name, TaskScore? scored) in members.Select(member => (member, Find(member))).Append((Average, whole)))
        {
            if (scored?.Metrics.GetValueOrDefault(Metric) is not Score accuracy)
            {
                return null;
            }
            accuracies[name] = accuracy.Value;
        }
        return accuracies;
    }

    /// <summary>JSON lists may hold nulls.</summary>
    private TaskScore? Find(string name) => Groups.Concat(Tasks).FirstOrDefault(score => score?.Name == name);

    internal sealed record ScoredModel(string? BundleSha256 = null);

    /// <param name="Tasks">Of a group: its members.</param>
    internal sealed record TaskScore(string Name, IReadOnlyDictionary<string, Score> Metrics, IReadOnlyList<string>? Tasks = null);

    internal sealed record Score(double Value);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ScoreReport))]
internal sealed partial class ScoreReportJson : JsonSerializerContext;
