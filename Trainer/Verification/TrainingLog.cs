using System.Text.Json;
using System.Text.Json.Serialization;
using Factory.Core;
using Factory.Core.Disk;

namespace Factory.Trainer.Verification;

/// <summary>log.json of a training reference.</summary>
/// <param name="Method">The normalization method.</param>
/// <param name="Start">The weights that training started from, relative to the folder or its parent.</param>
/// <param name="Labels">What the file's labels mean, for people; null where each token is the label of the one before.</param>
internal sealed record TrainingLog(
    [property: JsonRequired] string Method, [property: JsonRequired] string Start, [property: JsonRequired] LoggedRecipe Recipe, [property: JsonRequired] IReadOnlyList<LoggedStep> Steps,
    string? Labels = null)
{
    public const string FileName = "log.json";

    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        AllowDuplicateProperties = false,
    };

    /// <exception cref="UserError">The file is missing or is no such log.</exception>
    public static TrainingLog Read(string folder)
    {
        string path = Path.Combine(folder, FileName);
        try
        {
            return JsonSerializer.Deserialize<TrainingLog>(InputFile.ReadAllBytes(path, "the log of a training reference"), Options) ?? throw new JsonException("null");
        }
        catch (JsonException error)
        {
            throw new UserError($"{path}: expected the log of a training reference (method, start, recipe, steps), found something else: {JsonProblem.Describe(error)}", error);
        }
    }
}
