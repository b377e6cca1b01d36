using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Factory.Core.Journal;

/// <summary>Reading metrics.jsonl, also while a run is written to.</summary>
public static class JournalFile
{
    public const string Name = "metrics.jsonl";

    /// <summary>The records of <paramref name="run"/>'s journal, in order. A last line that is not whole (its writer was killed, or still writes) is left out.</summary>
    /// <exception cref="UserError">There is no journal, it cannot be read, or a whole line is no record.</exception>
    public static IEnumerable<JournalRecord> Read(string run)
    {
        string path = Path.Combine(run, Name);
        FileStream stream;
        try
        {
            stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"{path}: expected the journal of a run: {error.Message}", error);
        }
        using var reader = new StreamReader(stream);
        string? line = reader.ReadLine();
        for (long number = 1; line is not null; number++)
        {
            string? next = reader.ReadLine();
            if (Parse(line, isLast: next is null, $"{path}, line {number}") is JournalRecord record)
            {
                yield return record;
            }
            line = next;
        }
    }

    /// <summary>The header alone; null where the run has no journal yet, or no whole line in it.</summary>
    /// <exception cref="UserError">The journal cannot be read.</exception>
    public static HeaderRecord? ReadHeader(string run) =>
        File.Exists(Path.Combine(run, Name)) ? Read(run).FirstOrDefault() as HeaderRecord : null;

    internal static JsonSerializerOptions Options => JournalJson.Default.Options;

    private static JournalRecord? Parse(string line, bool isLast, string where)
    {
        try
        {
            var json = (JsonObject?)JsonNode.Parse(line) ?? throw new JsonException("null");
            return json.ContainsKey("record") ? json.Deserialize(JournalJson.Default.JournalRecord) : Untagged(json);
        }
        catch (Exception error) when (error is JsonException or InvalidCastException or InvalidOperationException or FormatException)
        {
            return isLast ? null : throw new UserError($"{where}: expected a journal record, found something else: {error.Message}", error);
        }
    }

    /// <summary>Lines of the first format had no kind, the recipe under <c>options</c>, and a validation in the line of its step.</summary>
    private static JournalRecord? Untagged(JsonObject json)
    {
        if (json.Remove("options", out JsonNode? options))
        {
            json["recipe"] = options;
            return json.Deserialize(JournalJson.Default.HeaderRecord);
        }
        foreach (string key in new[] { "validation_loss", "perplexity", "validation_tokens", "block_output_variance" })
        {
            json.Remove(key);
        }
        return json.Deserialize(JournalJson.Default.StepRecord);
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(JournalRecord))]
internal sealed partial class JournalJson : JsonSerializerContext;
