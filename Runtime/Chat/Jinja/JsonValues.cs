using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Factory.Runtime.Chat.Jinja;

/// <summary>From JSON to the values that a template sees. All text in it is the conversation's.</summary>
internal static class JsonValues
{
    private static readonly string[] Reasoning = ["reasoning_content", "thinking", "reasoning"];

    public static object? Read(JsonNode? node) => node switch
    {
        null => null,
        JsonArray array => array.Select(Read).ToList(),
        JsonObject members => ReadObject(members),
        _ => node.GetValueKind() switch
        {
            JsonValueKind.String => MarkedText.FromConversation(node.GetValue<string>()),
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.Null => null,
            _ => ReadNumber(node.ToJsonString()),
        },
    };

    /// <summary>Messages, with an assistant's reasoning under all names that templates read it by, as transformers has it.</summary>
    public static List<object?> ReadMessages(JsonArray messages) => [.. messages.Select(message =>
    {
        if (message is not JsonObject members)
        {
            throw new ChatTemplateError("messages: expected objects with role and content, found something else.");
        }
        DictValue read = ReadObject(members);
        object? reasoning = Reasoning.Select(name => read.TryGet(name, out object? value) ? value : null).FirstOrDefault(value => value is not null);
        if (reasoning is null)
        {
            return (object?)read;
        }
        var aliased = new DictValue();
        aliased.Set(MarkedText.Template("thinking"), reasoning);
        foreach (KeyValuePair<object?, object?> item in read.Items)
        {
            aliased.Set(item.Key, item.Value);
        }
        aliased.Set(MarkedText.Template("reasoning_content"), reasoning);
        return aliased;
    })];

    private static DictValue ReadObject(JsonObject members)
    {
        var dict = new DictValue();
        foreach ((string name, JsonNode? value) in members)
        {
            dict.Set(MarkedText.FromConversation(name), Read(value));
        }
        return dict;
    }

    private static object ReadNumber(string text) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole)
        ? (object)whole
        : double.Parse(text, CultureInfo.InvariantCulture);
}
