using System.Text.Json;
using System.Text.Json.Serialization;
using Factory.Core.Disk;
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

    /// <summary>The data folder, or <see cref="SampleData"/> for the few rows that come with Factory.</summary>
    public required string Data { get; init; }

    /// <summary>First documents of each task; null: all.</summary>
    public required int? Limit { get; init; }

    public required IReadOnlyList<TaskReport> Tasks { get; init; }

    public required IReadOnlyList<GroupReport> Groups { get; init; }

    /// <summary>Version of each library that took part.</summary>
    public required IReadOnlyDictionary<string, string> Packages { get; init; }

    /// <summary>Commit that Factory was built from; null when built outside a repository.</summary>
    public required string? GitCommit { get; init; }

    /// <summary>The report as JSON.</summary>
    public byte[] ToJson() => [.. JsonSerializer.SerializeToUtf8Bytes(this, EvaluationJson.Default.EvaluationReport), (byte)'\n'];

    /// <summary>Writes the report; the file appears whole or not at all.</summary>
    /// <exception cref="Core.UserError">The place cannot be written to.</exception>
    public void Write(string path) => AtomicFile.Write(path, ToJson());
}

/// <summary>How reports are spelled in JSON. Perplexities may be infinite, which JSON has no number for.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(EvaluationReport))]
public sealed partial class EvaluationJson : JsonSerializerContext;
