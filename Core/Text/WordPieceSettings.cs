using System.Text.Json;
using Factory.Core.Disk;

namespace Factory.Core.Text;

/// <summary>How a BERT's tokenizer treats text.</summary>
/// <param name="LowerCase">Whether text is put into lower case.</param>
/// <param name="StripAccents">Whether accents are removed.</param>
/// <param name="SplitChinese">Whether each Chinese character is a word.</param>
/// <param name="CleanText">Whether control characters are removed.</param>
internal sealed record WordPieceSettings(bool LowerCase, bool StripAccents, bool SplitChinese, bool CleanText)
{
    public string Unknown { get; init; } = "[UNK]";

    public string Classification { get; init; } = "[CLS]";

    public string Separator { get; init; } = "[SEP]";

    public string Padding { get; init; } = "[PAD]";

    public string Mask { get; init; } = "[MASK]";

    /// <summary>What stands before pieces inside a word.</summary>
    public string Continuation { get; init; } = "##";

    /// <summary>Longer words are unknown.</summary>
    public int MaxInputCharsPerWord { get; init; } = 100;

    /// <summary>Of tokenizer_config.json beside a vocabulary; the uncased BERT's where there is none.</summary>
    public static WordPieceSettings FromConfig(string path)
    {
        if (!File.Exists(path))
        {
            return new WordPieceSettings(true, true, true, true);
        }
        using JsonDocument document = Parse(path);
        JsonElement root = document.RootElement;
        bool lower = Truth(path, root, "do_lower_case") ?? true;
        return WithTokens(new WordPieceSettings(lower, Truth(path, root, "strip_accents") ?? lower, Truth(path, root, "tokenize_chinese_chars") ?? true, true), root);
    }

    /// <summary>Of tokenizer.json.</summary>
    /// <exception cref="UserError">It normalizes or splits in a way that BERT's does not.</exception>
    public static WordPieceSettings FromJson(string path, JsonElement root)
    {
        JsonElement normalizer = Part(path, root, "normalizer", "BertNormalizer");
        Part(path, root, "pre_tokenizer", "BertPreTokenizer");
        JsonElement model = root.GetProperty("model");
        bool lower = Truth(path, normalizer, "lowercase") ?? true;
        return new WordPieceSettings(lower, Truth(path, normalizer, "strip_accents") ?? lower, Truth(path, normalizer, "handle_chinese_chars") ?? true, Truth(path, normalizer, "clean_text") ?? true)
        {
            Unknown = Word(model, "unk_token") ?? "[UNK]",
            Continuation = Word(model, "continuing_subword_prefix") ?? "##",
            MaxInputCharsPerWord = model.TryGetProperty("max_input_chars_per_word", out JsonElement most) && most.TryGetInt32(out int count) ? count : 100,
        };
    }

    /// <exception cref="UserError">The file is no JSON object.</exception>
    public static JsonDocument Parse(string path)
    {
        try
        {
            JsonDocument document = JsonDocument.Parse(InputFile.ReadAllBytes(path, "a tokenizer's file"));
            return document.RootElement.ValueKind == JsonValueKind.Object ? document : throw new UserError($"{path}: expected a JSON object, found {document.RootElement.ValueKind}.");
        }
        catch (JsonException error)
        {
            throw new UserError($"{path}: expected JSON, found something else: {JsonProblem.Describe(error)}", error);
        }
    }

    private static WordPieceSettings WithTokens(WordPieceSettings settings, JsonElement root) => settings with
    {
        Unknown = Word(root, "unk_token") ?? settings.Unknown,
        Classification = Word(root, "cls_token") ?? settings.Classification,
        Separator = Word(root, "sep_token") ?? settings.Separator,
        Padding = Word(root, "pad_token") ?? settings.Padding,
        Mask = Word(root, "mask_token") ?? settings.Mask,
    };

    private static JsonElement Part(string path, JsonElement root, string key, string expected)
    {
        string? found = root.TryGetProperty(key, out JsonElement part) && part.ValueKind == JsonValueKind.Object ? Word(part, "type") : null;
        return found == expected ? part : throw new UserError($"{path}: {key}: expected {expected}, found {found ?? "none"}.");
    }

    private static bool? Truth(string path, JsonElement root, string key) => !root.TryGetProperty(key, out JsonElement value) || value.ValueKind == JsonValueKind.Null ? null
        : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean()
        : throw new UserError($"{path}: {key}: expected true or false, found {value.GetRawText()}.");

    /// <summary>A string, or the content of an object that describes a token.</summary>
    private static string? Word(JsonElement root, string key) => !root.TryGetProperty(key, out JsonElement value) ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : value.ValueKind == JsonValueKind.Object ? Word(value, "content")
        : null;
}
