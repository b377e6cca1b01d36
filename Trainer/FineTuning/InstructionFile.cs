using System.Text.Json;
using Factory.Core;
using Factory.Core.Disk;

namespace Factory.Trainer.FineTuning;

/// <summary>
/// Rows of instruction data: {instruction, input, output} as in Commonsense170K, or {messages: [{role, content}]}. A .json file is an array of rows, a .jsonl
/// file has one a line. Other fields of a row are passed over.
/// </summary>
public static class InstructionFile
{
    /// <summary>The rows of files, and of all .json and .jsonl files below directories, in order.</summary>
    /// <exception cref="UserError">A file is missing, or holds something else; the message names file, row and field.</exception>
    public static IReadOnlyList<IReadOnlyList<ChatMessage>> Read(IReadOnlyList<string> paths) => [.. paths.SelectMany(Files).SelectMany(ReadFile)];

    private static string[] Files(string path)
    {
        if (!Directory.Exists(path))
        {
            return [path];
        }
        string[] found = [.. Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Where(file => Path.GetExtension(file) is ".json" or ".jsonl").Order(StringComparer.Ordinal)];
        return found.Length > 0 ? found : throw new SettingError("data", $"expected .json or .jsonl files below {path}, found none.");
    }

    private static IEnumerable<IReadOnlyList<ChatMessage>> ReadFile(string path)
    {
        string text = InputFile.ReadAllText(path, "a file of instructions");
        string[] rows = Path.GetExtension(path) == ".jsonl" ? text.Split('\n') : [text];
        for (int line = 0; line < rows.Length; line++)
        {
            if (string.IsNullOrWhiteSpace(rows[line]))
            {
                continue;
            }
            using JsonDocument document = Parse(rows[line], rows.Length > 1 ? $"{path}, line {line + 1}" : path);
            JsonElement[] elements = document.RootElement.ValueKind == JsonValueKind.Array ? [.. document.RootElement.EnumerateArray()] : [document.RootElement];
            for (int index = 0; index < elements.Length; index++)
            {
                yield return Row(elements[index], document.RootElement.ValueKind == JsonValueKind.Array ? $"{path}, row {index + 1}" : $"{path}, line {line + 1}");
            }
        }
    }

    private static JsonDocument Parse(string text, string where)
    {
        try
        {
            return JsonDocument.Parse(text);
        }
        catch (JsonException error)
        {
            throw new UserError($"{where}: expected rows in JSON, found something else: {JsonProblem.Describe(error)}", error);
        }
    }

    private static List<ChatMessage> Row(JsonElement row, string where)
    {
        if (row.ValueKind != JsonValueKind.Object)
        {
            throw new UserError($"{where}: expected an object, found {row.ValueKind}.");
        }
        if (row.TryGetProperty("messages", out JsonElement messages))
        {
            return Messages(messages, where);
        }
        string input = row.TryGetProperty("input", out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
        string instruction = Text(row, "instruction", where);
        return [new ChatMessage(ChatRole.User, input.Length == 0 ? instruction : $"{instruction}\n\n### Input:\n{input}"), new ChatMessage(ChatRole.Assistant, Text(row, "output", where))];
    }

    private static List<ChatMessage> Messages(JsonElement messages, string where)
    {
        if (messages.ValueKind != JsonValueKind.Array)
        {
            throw new UserError($"{where}: messages: expected an array, found {messages.ValueKind}.");
        }
        var read = new List<ChatMessage>();
        foreach (JsonElement message in messages.EnumerateArray())
        {
            string role = Text(message, "role", where);
            read.Add(new ChatMessage(
                role switch
                {
                    "system" => ChatRole.System,
                    "user" => ChatRole.User,
                    "assistant" => ChatRole.Assistant,
                    _ => throw new UserError($"{where}: role: expected system, user or assistant, found '{role}'."),
                },
                Text(message, "content", where)));
        }
        return read.Any(message => message.Role == ChatRole.Assistant) ? read : throw new UserError($"{where}: messages: expected an answer of the assistant to learn, found none.");
    }

    private static string Text(JsonElement row, string field, string where) =>
        row.ValueKind == JsonValueKind.Object && row.TryGetProperty(field, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : throw new UserError($"{where}: {field}: expected a string, found {(row.ValueKind == JsonValueKind.Object && row.TryGetProperty(field, out JsonElement found) ? found.ValueKind : "none")}.");
}
