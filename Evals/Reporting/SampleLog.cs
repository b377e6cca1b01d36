using System.Text.Json;
using System.Text.Json.Serialization;
using Factory.Core.Disk;
using Factory.Evals.Tasks;
using Factory.Runtime;

namespace Factory.Evals.Reporting;

/// <summary>Every answer of a task, for looking closer: one JSON line a choice, or a document where whole texts are scored.</summary>
internal static class SampleLog
{
    /// <summary>Writes DIRECTORY/TASK.jsonl; the file appears whole or not at all.</summary>
    public static void Write(string directory, PreparedTask task, IReadOnlyList<IReadOnlyList<LogLikelihood>> answers)
    {
        string path = Path.Combine(directory, $"{task.Task.Name}.jsonl");
        using AtomicFile file = AtomicFile.Create(path);
        using (var lines = new StreamWriter(file.Stream, StrictUtf8.Encoding, leaveOpen: true) { NewLine = "\n" })
        {
            foreach ((int document, IReadOnlyList<LogLikelihood> choices) in answers.Index())
            {
                foreach ((int choice, LogLikelihood answer) in choices.Index())
                {
                    lines.WriteLine(task.Task.IsRolling
                        ? JsonSerializer.Serialize(new RollingLine(document, answer.Value, answer.Tokens), SampleJson.Default.RollingLine)
                        : JsonSerializer.Serialize(new ChoiceLine(document, choice, answer.Value, answer.IsGreedy), SampleJson.Default.ChoiceLine));
                }
            }
        }
        file.Commit();
    }
}

/// <param name="Doc">Place of the row among the evaluated ones, from zero.</param>
/// <param name="LogLikelihood">In nats.</param>
internal sealed record ChoiceLine(int Doc, int Choice, double LogLikelihood, bool IsGreedy);

/// <param name="Tokens">Tokens scored.</param>
internal sealed record RollingLine(int Doc, double LogLikelihood, int Tokens);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(ChoiceLine))]
[JsonSerializable(typeof(RollingLine))]
internal sealed partial class SampleJson : JsonSerializerContext;
