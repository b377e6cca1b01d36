using System.Text.Json;
using Factory.Core;
using Factory.Core.Disk;

namespace Factory.Trainer.FineTuning;

/// <summary>
/// Rows of instruction data: {instruction, input, output} as in Commonsense170K, or {messages: [{role, content}]}. A file is an array of rows or has one
/// after another (JSON lines), whatever it is called. Other fields of a row are passed over.
/// </summary>
public static class InstructionFile
{
    private static readonly string[] Suffixes = [".json", ".jsonl", ".ndjson"];

    private static readonly JsonReaderOptions RowAfterRow = new() { AllowMultipleValues = true };

    /// <summary>The rows of files, and of those in directories that are not hidden and whose name ends as JSON's do, in order; a file that is named twice is read once.</summary>
    /// <exception cref="UserError">A file is missing, or holds something else; the message names file, row and field.</exception>
    public static IReadOnlyList<IReadOnlyList<ChatMessage>> Read(IReadOnlyList<string> paths) => [.. paths.SelectMany(Files).DistinctBy(InputFile.RealPath).SelectMany(ReadFile)];

    private static string[] Files(string path)
    {
        if (!Directory.Exists(path))
        {
            return [path];
        }
        string[] found = [.. Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories)
            .Where(file => Suffixes.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase) && !Path.GetRelativePath(path, file).Split(Path.DirectorySeparatorChar).Any(part => part.StartsWith('.')))
            .Order(StringComparer.Ordinal)];
        return found.Length > 0 ? found : throw new SettingError("data", $"expected files ending in {string.Join(", ", Suffixes)} below {path}, found none.");
    }

    private static List<IReadOnlyList<ChatMessage>> ReadFile(string path)
    {
        byte[] text = StrictUtf8.Encoding.GetBytes(InputFile.ReadAllText(path, "a file of instructions"));
        var rows = new List<IReadOnlyList<ChatMessage>>();
        var reader = new Utf8JsonReader(text, RowAfterRow);
        (int line, int counted) = (1, 0);
        try
        {
            while (reader.Read())
            {
                line += text.AsSpan(counted..(int)reader.TokenStartIndex).Count((byte)'\n');
                counted = (int)reader.TokenStartIndex;
                using var document = JsonDocument.ParseValue(ref reader);
                if (document.RootElement.ValueKind == JsonValueKind.Array)
                {
                    rows.AddRange(document.RootElement.EnumerateArray().Select((row, index) => Row(row, $"{path}, row {index + 1}")));
                }
                else
                {
                    rows.Add(Row(document.RootElement, $"{path}, line {line}"));
                }
            }
        }
        catch (JsonException error)
        {
            throw new UserError($"{path}: expected rows in JSON, found something else: {JsonProblem.Describe(error)}", error);
        }
        return rows;
    }

    private static List<ChatMessage> Row(JsonElement row, string where)
    {
        if (row.ValueKind != JsonValueKind.Object)
        {
            throw new UserError($"{where}: expected an object, found {row.ValueKind}.");
        }
        try
        {
            return row.TryGetProperty("messages", out JsonElement messages) ? Messages(messages, where)
                : row.TryGetProperty("instruction", out _) ? Instruction(row, where)
                : throw new UserError($"{where}: expected the fields instruction and output, or messages, found {(row.EnumerateObject().Any() ? string.Join(", ", row.EnumerateObject().Select(field => field.Name)) : "an empty object")}.");
        }
        catch (InvalidOperationException error)
        {
            throw new UserError($"{where}: expected well-formed Unicode, found half of a surrogate pair: {error.Message}", error);
        }
    }

    private static List<ChatMessage> Instruction(JsonElement row, string where)
    {
        string instruction = Text(row, "instruction", where);
        string input = row.TryGetProperty("input", out JsonElement value) && value.ValueKind != JsonValueKind.Null ? Text(row, "input", where) : "";
        return [new ChatMessage(ChatRole.User, input.Length == 0 ? instruction : $"{instruction}\n\n### Input:\n{input}"), new ChatMessage(ChatRole.Assistant, Text(row, "output", where))];
    }

    private static List<ChatMessage> Messages(JsonElement messages, string where)
    {
        if (messages.ValueKind != JsonValueKind.Array)
        {
            throw new UserError($"{where}: messages: expected an array, found {messages.ValueKind}.");
        }
        List<ChatMessage> read = [.. messages.EnumerateArray().Select((message, index) => Message(message, $"{where}: messages[{index}]"))];
        return read.Any(message => message.Role == ChatRole.Assistant) ? read : throw new UserError($"{where}: messages: expected an answer of the assistant to learn, found none.");
    }

    private static ChatMessage Message(JsonElement message, string where) => new(
        Text(message, "role", where) switch
        {
            "system" => ChatRole.System,
            "user" => ChatRole.User,
            "assistant" => ChatRole.Assistant,
            string other => throw new UserError($"{where}: role: expected system, user or assistant, found '{other}'."),
        },
        Text(message, "content", where));

    private static string Text(JsonElement row, string field, string where) =>
        row.ValueKind == JsonValueKind.Object && row.TryGetProperty(field, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : throw new UserError($"{where}: {field}: expected a string, found {(row.ValueKind == JsonValueKind.Object && row.TryGetProperty(field, out JsonElement found) ? found.ValueKind : "none")}.");
}
