using System.Text.Json;
using System.Text.Json.Nodes;
using Factory.Core;
using Factory.Core.Disk;

namespace Factory.Trainer.Recipes;

/// <summary>
/// A recipe as JSON: an object per section, a key per setting. A file for <c>--config</c> may leave out what it does not change, and may name settings without their
/// section, as their names are unique.
/// </summary>
public static class RecipeJson
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    public static JsonObject Write(Recipe recipe)
    {
        var json = new JsonObject();
        foreach (Setting setting in RecipeSettings.All.Where(setting => setting.Section != (recipe.IsTuning ? RecipeSettings.Model : RecipeSettings.Tuning)))
        {
            if (setting.Section.Length == 0)
            {
                json[setting.Name] = setting.Json(recipe);
                continue;
            }
            if (json[setting.Section] is not JsonObject section)
            {
                json[setting.Section] = section = [];
            }
            section[setting.Name] = setting.Json(recipe);
        }
        return json;
    }

    /// <exception cref="UserError">The file cannot be read, is no JSON object, or holds something that is no setting; the message names file and key.</exception>
    public static RecipeChanges ReadFile(string path) => ReadFile(path, json => Read(json, path));

    /// <summary>A file for several ways of tuning: settings of all, and under full, lisa or lora those of that one, which come over them.</summary>
    /// <param name="method">The way of tuning; null for the settings of all.</param>
    /// <inheritdoc cref="ReadFile(string)"/>
    public static RecipeChanges ReadTuningFile(string path, string? method) => ReadFile(path, json =>
    {
        string[] ways = [.. Object(json, path).EnumerateObject().Where(property => RecipeDefaults.TuningMethods.Contains(property.Name)).Select(property => property.Name)];
        var sections = ways.ToDictionary(way => way, way => Read(json.GetProperty(way), $"{path}: {way}"));
        RecipeChanges all = Read(json, path, ways);
        return method is not null && sections.TryGetValue(method, out RecipeChanges? own) ? all.With(own) : all;
    });

    private static RecipeChanges ReadFile(string path, Func<JsonElement, RecipeChanges> read)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            using JsonDocument document = JsonDocument.Parse(stream, Strict);
            return read(document.RootElement);
        }
        catch (JsonException error)
        {
            throw new UserError($"{path}: expected a recipe as a JSON object, found something else: {JsonProblem.Describe(error)}", error);
        }
        catch (InvalidOperationException error)
        {
            throw new UserError($"{path}: expected a recipe in well-formed Unicode, found something else: {error.Message}", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new SettingError("config", $"expected a JSON file with a recipe: {error.Message}", error);
        }
    }

    /// <param name="where">Start of an error message.</param>
    /// <param name="except">Keys that are read elsewhere.</param>
    public static RecipeChanges Read(JsonElement json, string where, params IReadOnlyList<string> except)
    {
        var changes = new RecipeChanges();
        foreach (JsonProperty property in Object(json, where).EnumerateObject().Where(property => !except.Contains(property.Name)))
        {
            if (property.Value.ValueKind == JsonValueKind.Object && RecipeSettings.All.Any(setting => setting.Section == property.Name))
            {
                foreach (JsonProperty inner in property.Value.EnumerateObject())
                {
                    Add(changes, inner, property.Name, $"{where}: {property.Name}.");
                }
            }
            else
            {
                Add(changes, property, null, $"{where}: ");
            }
        }
        return changes;
    }

    /// <summary>A stored recipe. Settings that it does not have yet take the default.</summary>
    public static Recipe ReadStored(JsonElement json, string where)
    {
        RecipeChanges stored = Read(json, where);
        try
        {
            string? name = stored.Value<string>("recipe");
            Recipe defaults = RecipeDefaults.For(name is null || RecipeDefaults.TuningNames.Contains(name) ? RecipeDefaults.Modern : name, stored.Value<string>("preset") ?? RecipeDefaults.Preset, Precision.Fp32);
            return stored.Over(defaults).Validate();
        }
        catch (SettingError error)
        {
            throw new UserError($"{where}: {error.Message}", error);
        }
    }

    private static void Add(RecipeChanges changes, JsonProperty property, string? section, string where)
    {
        try
        {
            Setting setting = RecipeSettings.Named(property.Name);
            if (section is not null && setting.Section != section)
            {
                throw new SettingError(setting.Name, $"expected {(setting.Section.Length == 0 ? "outside any section" : $"in '{setting.Section}'")}, found in '{section}'.");
            }
            if (setting.HasAuto && property.Value.ValueKind == JsonValueKind.String)
            {
                changes.SetText(setting, property.Value.GetString()!);
                return;
            }
            changes.Set(setting, setting.Parse(property.Value));
        }
        catch (SettingError error)
        {
            throw new UserError($"{where}{error.Message}", error);
        }
    }

    private static JsonElement Object(JsonElement json, string where) =>
        json.ValueKind == JsonValueKind.Object ? json : throw new UserError($"{where}: expected a recipe as a JSON object, found {json.ValueKind}.");
}
