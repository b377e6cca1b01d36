using System.Text.Json;
using System.Text.Json.Serialization;
using Factory.Core.Disk;
using Factory.Evals.Requests;

namespace Factory.Evals.Reporting;

/// <summary>Every answer of each task, for looking closer: one JSON line a choice, or a document where whole texts are scored or the model writes.</summary>
internal static class SampleLog
{
    /// <summary>Writes DIRECTORY/TASK.jsonl for each task.</summary>
    /// <exception cref="Core.UserError">A file cannot be written.</exception>
    public static void Write(string directory, IReadOnlyList<AnsweredTask> tasks)
    {
        foreach (AnsweredTask task in tasks)
        {
            using AtomicFile file = AtomicFile.Create(Path.Combine(directory, $"{task.Task.Task.Name}.jsonl"));
            foreach (AnsweredDocument document in task.Documents)
            {
                foreach ((int choice, EvaluationResponse response) in document.Responses.Index())
                {
                    file.Stream.Write(ToLine(document.Place, choice, response));
                    file.Stream.WriteByte((byte)'\n');
                }
            }
            file.Commit();
        }
    }

    private static byte[] ToLine(int document, int choice, EvaluationResponse response) => response switch
    {
        LogLikelihoodResponse pair => JsonSerializer.SerializeToUtf8Bytes(
            new ChoiceLine(document, choice, Finite(pair.LogLikelihood), pair.IsGreedy), SampleJson.Default.ChoiceLine),
        RollingResponse rolling => JsonSerializer.SerializeToUtf8Bytes(
            new RollingLine(document, Finite(rolling.LogLikelihood), rolling.Tokens), SampleJson.Default.RollingLine),
        GenerationResponse generation => JsonSerializer.SerializeToUtf8Bytes(new GenerationLine(document, generation.Text), SampleJson.Default.GenerationLine),
        _ => throw new NotSupportedException(response.GetType().Name),
    };

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}

/// <param name="Doc">Place of the row among the evaluated ones, from zero.</param>
/// <param name="LogLikelihood">In nats; null where it is no finite number.</param>
internal sealed record ChoiceLine(int Doc, int Choice, double? LogLikelihood, bool IsGreedy);

/// <param name="Tokens">Tokens scored.</param>
internal sealed record RollingLine(int Doc, double? LogLikelihood, int Tokens);

internal sealed record GenerationLine(int Doc, string Text);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ChoiceLine))]
[JsonSerializable(typeof(RollingLine))]
[JsonSerializable(typeof(GenerationLine))]
internal sealed partial class SampleJson : JsonSerializerContext;
