using System.Text.Json;
using System.Text.Json.Serialization;
using Factory.Core;
using Factory.Core.Disk;

namespace Factory.Evals.Gates;

/// <summary>When a candidate is too bad to pass: the content of gate.json. Drops are absolute where higher is better, and relative (0.02 = 2 %) for perplexities.</summary>
public sealed record GateRules
{
    // Settable, as a source-generated reader gives every init-only property a value, and the defaults would be lost.
    /// <summary>A drop larger than this fails where it is also significant. Default: 0.02.</summary>
    public double MaxDrop { get; set; } = 0.02;

    /// <summary>A drop larger than this fails whether or not it is significant. Default: 0.10.</summary>
    public double HardDrop { get; set; } = 0.10;

    /// <summary>Chance of a false alarm, one-sided, for each task. Default: 0.05.</summary>
    public double Significance { get; set; } = 0.05;

    /// <summary>Other rules for single tasks, by name. Default: none.</summary>
    public IReadOnlyDictionary<string, TaskRules> Tasks { get; set; } = new Dictionary<string, TaskRules>();

    /// <exception cref="UserError">It is no such file, or a rule cannot be used.</exception>
    public static GateRules Read(string path)
    {
        GateRules rules;
        try
        {
            rules = JsonSerializer.Deserialize(InputFile.ReadAllText(path, "gate rules in JSON"), GateJson.Default.GateRules) ?? throw new JsonException("null");
        }
        catch (JsonException error)
        {
            throw new UserError($"{path}: expected gate rules (max_drop, hard_drop, significance, tasks), found: {JsonProblem.Describe(error)}", error);
        }
        return rules.Check(path);
    }

    private GateRules Check(string path)
    {
        Require(MaxDrop >= 0, "max_drop", "0 or more", MaxDrop);
        Require(HardDrop >= 0, "hard_drop", "0 or more", HardDrop);
        Require(Significance is > 0 and < 1, "significance", "a number between 0 and 1", Significance);
        foreach ((string name, TaskRules task) in Tasks)
        {
            if (!EvaluationTasks.Names.Contains(name))
            {
                throw new UserError($"{path}: expected names of tasks at 'tasks', found '{name}'.{(NearestName.Find(name, EvaluationTasks.Names) is string near ? $" Did you mean '{near}'?" : "")}");
            }
            Require(task.MaxDrop is null or >= 0, $"tasks.{name}.max_drop", "0 or more", task.MaxDrop ?? 0);
            Require(task.HardDrop is null or >= 0, $"tasks.{name}.hard_drop", "0 or more", task.HardDrop ?? 0);
        }
        return this;

        void Require(bool holds, string key, string expected, double found)
        {
            if (!holds)
            {
                throw new UserError(FormattableString.Invariant($"{path}: expected {expected} at '{key}', found {found}."));
            }
        }
    }
}

/// <summary>Rules for one task; what is null is as for all.</summary>
public sealed record TaskRules
{
    /// <summary>The metric to judge by. Default null: every metric that is not another one in other units.</summary>
    public string? Metric { get; set; }

    public double? MaxDrop { get; set; }

    public double? HardDrop { get; set; }

    /// <summary>The score must not be below this. Default null: no such bound.</summary>
    public double? Min { get; set; }

    /// <summary>The score must not be above this. Default null: no such bound.</summary>
    public double? Max { get; set; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    WriteIndented = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(GateRules))]
[JsonSerializable(typeof(GateVerdict))]
[JsonSerializable(typeof(IReadOnlyList<Difference>))]
internal sealed partial class GateJson : JsonSerializerContext;
