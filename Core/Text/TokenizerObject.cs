using System.Globalization;
using System.Text.Json;
using Factory.Core.Disk;

namespace Factory.Core.Text;

/// <summary>A JSON object of a tokenizer's files; what is asked for must be of the kind it is asked as.</summary>
internal sealed class TokenizerObject(string path, JsonElement element)
{
    public string Path { get; } = path;

    /// <returns>null for a null path.</returns>
    /// <exception cref="UserError">The file is no JSON object.</exception>
    public static TokenizerObject? Read(string? path)
    {
        if (path is null)
        {
            return null;
        }
        try
        {
            using JsonDocument document = JsonDocument.Parse(InputFile.ReadAllText(path), new JsonDocumentOptions { AllowDuplicateProperties = false });
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? new TokenizerObject(path, document.RootElement.Clone())
                : throw new UserError($"{path}: expected a JSON object, found {document.RootElement.ValueKind}. Copy the file again.");
        }
        catch (JsonException error)
        {
            throw new UserError($"{path}: expected JSON with distinct keys, found something else: {JsonProblem.Describe(error)} Copy the file again.", error);
        }
    }

    public UserError Bad(string key, string expected, string found) =>
        new($"{Path}: {key}: expected {expected}, found {(found.Length > 200 ? found[..200] + "…" : found)}.");

    public void Refuse(string key, Predicate<JsonElement> unwanted, string expected)
    {
        if (Value(key) is JsonElement value && unwanted(value))
        {
            throw Bad(key, $"{expected}, as Factory does without it", value.GetRawText());
        }
    }

    public bool? Truth(string key) => Value(key) is not JsonElement value ? null
        : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw Bad(key, "true or false", value.GetRawText());

    public string? Text(string key) => Value(key) is not JsonElement value ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString() : throw Bad(key, "a string", value.GetRawText());

    public int? Whole(string key) => Value(key) is not JsonElement value ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int whole) ? whole : throw Bad(key, "a whole number", value.GetRawText());

    public TokenizerObject? Object(string key) => Value(key) is not JsonElement value ? null
        : value.ValueKind == JsonValueKind.Object ? new TokenizerObject(Path, value) : throw Bad(key, "an object", value.GetRawText());

    /// <summary>The objects of an array; none where the key is absent or null.</summary>
    public IEnumerable<TokenizerObject> Objects(string key) => Elements(key).Select(item =>
        item.ValueKind == JsonValueKind.Object ? new TokenizerObject(Path, item) : throw Bad(key, "objects", item.GetRawText()));

    public IEnumerable<JsonElement> Elements(string key) => Value(key) is not JsonElement value ? []
        : value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : throw Bad(key, "an array", value.GetRawText());

    public IEnumerable<JsonProperty> Properties() => element.EnumerateObject();

    /// <summary>A token given as a string or as an object with "content".</summary>
    public string? TokenText(string key) => Value(key) is JsonElement value ? TokenText(key, value) : null;

    /// <summary>Tokens given as an array of such, or as an object of them by role.</summary>
    public IEnumerable<string> TokenTexts(string key) => Value(key) switch
    {
        null => [],
        { ValueKind: JsonValueKind.Array } value => value.EnumerateArray().Select(item => TokenText(key, item)),
        { ValueKind: JsonValueKind.Object } value => value.EnumerateObject().Select(item => TokenText(key, item.Value)),
        JsonElement value => throw Bad(key, "an array of tokens", value.GetRawText()),
    };

    /// <summary>{"32000": {"content": …, "special": …}}, as in added_tokens_decoder.</summary>
    public IEnumerable<AddedToken> TokensById(IReadOnlySet<string> special) => Properties().Select(item =>
        int.TryParse(item.Name, NumberStyles.None, CultureInfo.InvariantCulture, out int id) && item.Value.ValueKind == JsonValueKind.Object
            ? new TokenizerObject(Path, item.Value).Token(id, special)
            : throw Bad(item.Name, "a token id with an object", item.Value.GetRawText()));

    /// <summary>{"&lt;token&gt;": 32000}, as in added_tokens.json.</summary>
    public IEnumerable<AddedToken> IdsByText(IReadOnlySet<string> special) => Properties().Select(item =>
        item.Value.ValueKind == JsonValueKind.Number && item.Value.TryGetInt32(out int id) && id >= 0 && item.Name.Length > 0
            ? new AddedToken(id, item.Name, special.Contains(item.Name), Normalized: !special.Contains(item.Name))
            : throw Bad(item.Name, "a token id", item.Value.GetRawText()));

    /// <summary>[{"id": 32000, "content": …}], as in tokenizer.json.</summary>
    public IEnumerable<AddedToken> Tokens(string key, IReadOnlySet<string> special) =>
        Objects(key).Select(token => token.Token(token.Whole("id") is >= 0 and int id ? id : throw Bad(key, "tokens with an id", "one without"), special));

    /// <summary>"chat_template": a string, or named ones of which "default" is taken.</summary>
    public string? ChatTemplate() => Value("chat_template") is { ValueKind: JsonValueKind.Array }
        ? Objects("chat_template").FirstOrDefault(template => template.Text("name") == "default")?.Text("template")
        : Text("chat_template");

    private AddedToken Token(int id, IReadOnlySet<string> special)
    {
        string content = Text("content") is { Length: > 0 } text ? text : throw Bad("content", "a token's spelling", "none");
        bool isSpecial = Truth("special") ?? false;
        return new AddedToken(
            id, content, isSpecial || special.Contains(content), Truth("lstrip") ?? false, Truth("rstrip") ?? false, Truth("single_word") ?? false, Truth("normalized") ?? !isSpecial);
    }

    private string TokenText(string key, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String when value.GetString() is { Length: > 0 } text => text,
        JsonValueKind.Object when new TokenizerObject(Path, value).Text("content") is { Length: > 0 } content => content,
        _ => throw Bad(key, "a token's spelling", value.GetRawText()),
    };

    private JsonElement? Value(string key) => element.TryGetProperty(key, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;
}
