using System.Text.Json;
using System.Text.Json.Nodes;

namespace Factory.Trainer.Training;

/// <summary>What a run was started with: its options and its tokens.</summary>
/// <param name="Data">Directory of the tokens.</param>
/// <param name="DataHash">Content hash of the tokens' manifest.</param>
public sealed record RunOrigin(TrainingOptions Options, string Data, string DataHash)
{
    /// <summary>From the first line of a run's journal; null where there is none, or none that is whole.</summary>
    public static RunOrigin? Read(string run)
    {
        string journal = Path.Combine(run, Journal.FileName);
        string? line = File.Exists(journal) ? File.ReadLines(journal).FirstOrDefault() : null;
        try
        {
            return line is not null && JsonNode.Parse(line) is JsonObject header
                && header["options"]?.Deserialize(TrainingJson.Default.TrainingOptions) is TrainingOptions options
                && (string?)header["data"] is string data && (string?)header["data_sha256"] is string hash
                ? new RunOrigin(options, data, hash)
                : null;
        }
        catch (JsonException)
        {
            return null; // The process was killed while it wrote the line; nothing was trained.
        }
    }
}
