using System.Text.Json;

namespace Factory.Core.Configuration;

/// <summary>Strict access to one JSON object's keys; remembers which were read, so that a key nobody asked for can be refused by name.</summary>
internal sealed class ConfigKeys
{
    private readonly JsonElement _object;
    private readonly HashSet<string> _read = [];
    private readonly string _prefix;
    private readonly string _model;

    /// <param name="model">Whose configuration it is, for messages.</param>
    public ConfigKeys(string path, JsonElement element, string prefix = "", string model = "LLaMA")
    {
        Path = path;
        _prefix = prefix;
        _model = model;
        _object = element.ValueKind == JsonValueKind.Object ? element : throw Bad(prefix.TrimEnd('.'), "a JSON object", element.ValueKind.ToString());
    }

    public string Path { get; }

    public UserError Bad(string key, string expected, string found) => new($"{Path}: {_prefix}{key}: expected {expected}, found {found}.");

    public int Whole(string key) => OptionalWhole(key) ?? throw Bad(key, "a whole number", "none");

    public double Number(string key) => OptionalNumber(key) ?? throw Bad(key, "a number", "none");

    public int? OptionalWhole(string key) => Value(key) is not JsonElement value ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int whole) ? whole
        : throw Bad(key, "a whole number", value.GetRawText());

    public double? OptionalNumber(string key) => Value(key) is not JsonElement value ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && double.IsFinite(number) ? number
        : throw Bad(key, "a number", value.GetRawText());

    public bool? OptionalTruth(string key) => Value(key) is not JsonElement value ? null
        : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean()
        : throw Bad(key, "true or false", value.GetRawText());

    public string? OptionalString(string key) => Value(key) is not JsonElement value ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : throw Bad(key, "a string", value.GetRawText());

    /// <summary>One whole number or an array of them; empty when the key is absent or null.</summary>
    public IReadOnlyList<int> OptionalWholes(string key)
    {
        if (Value(key) is not JsonElement value)
        {
            return [];
        }
        if (value.ValueKind != JsonValueKind.Array)
        {
            return [OptionalWhole(key)!.Value];
        }
        return [.. value.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out int whole)
            ? whole
            : throw Bad(key, "whole numbers", item.GetRawText()))];
    }

    /// <summary>An array of strings; empty when the key is absent or null.</summary>
    public IReadOnlyList<string> OptionalStrings(string key) => Value(key) is not JsonElement value ? []
        : value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String) ? [.. value.EnumerateArray().Select(item => item.GetString()!)]
        : throw Bad(key, "an array of strings", value.GetRawText());

    /// <summary>Whether the key is there, be it null.</summary>
    public bool Has(string key) => _object.TryGetProperty(key, out _);

    /// <summary>Fails where the key is there with another value.</summary>
    public void RequireValue(string key, JsonElement expected)
    {
        if (Value(key) is JsonElement value && !JsonElement.DeepEquals(value, expected))
        {
            throw Bad(key, $"{expected.GetRawText()} (Factory does not run models with another value)", value.GetRawText());
        }
    }

    /// <summary>The object under <paramref name="key"/>, or null when absent or null.</summary>
    public ConfigKeys? OptionalObject(string key) => Value(key) is JsonElement value ? new ConfigKeys(Path, value, $"{_prefix}{key}.", _model) : null;

    public void RequireString(string key, string expected, string why)
    {
        string found = OptionalString(key) ?? "";
        if (found != expected)
        {
            throw Bad(key, $"\"{expected}\"", $"\"{found}\" ({why})");
        }
    }

    public void RequireOptional(string key, string expected)
    {
        if (OptionalString(key) is string found && found != expected)
        {
            throw Bad(key, $"\"{expected}\"", $"\"{found}\"");
        }
    }

    public void RequireFalse(string key, string why)
    {
        if (OptionalTruth(key) == true)
        {
            throw Bad(key, $"false ({why})", "true");
        }
    }

    public void RequireNull(string key)
    {
        if (Value(key) is JsonElement value)
        {
            throw Bad(key, "null (a LLaMA attends to the whole context)", value.GetRawText());
        }
    }

    /// <summary>Fails by name on a key that was neither read, nor is null, nor is among <paramref name="ignored"/>.</summary>
    public void RequireAllRead(IReadOnlySet<string> ignored)
    {
        foreach (JsonProperty property in _object.EnumerateObject())
        {
            if (!_read.Contains(property.Name) && !ignored.Contains(property.Name) && property.Value.ValueKind != JsonValueKind.Null)
            {
                string near = NearestName.Find(property.Name, _read) is string name ? $" Did you mean '{name}'?" : "";
                throw new UserError($"{Path}: expected only keys of a {_model} configuration, found '{_prefix}{property.Name}'.{near}");
            }
        }
    }

    private JsonElement? Value(string key)
    {
        _read.Add(key);
        return _object.TryGetProperty(key, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }
}
