using System.Text.Json;
using Factory.Core;

namespace Factory.Trainer.FineTuning;

/// <summary>
/// How messages become one text. What stands around them is given here once: training renders it, and <see cref="Jinja"/> is the same as a Hugging Face
/// chat template, so that a chat with the tuned model has the form that it was tuned on.
/// </summary>
/// <param name="Opening">Before everything.</param>
/// <param name="BeforeUser">Before what a user says.</param>
/// <param name="BeforeAnswer">Between that and the answer.</param>
/// <param name="AfterAnswer">Between an answer (with its end-of-sequence token) and the next question.</param>
public sealed record PromptTemplate(string Name, string Opening, string BeforeUser, string BeforeAnswer, string AfterAnswer)
{
    /// <summary>All templates; the first is the default.</summary>
    public static IReadOnlyList<PromptTemplate> All { get; } =
    [
        // The form of Stanford Alpaca without input, in which Commonsense170K's models were tuned.
        new("alpaca", "Below is an instruction that describes a task. Write a response that appropriately completes the request.\n\n", "### Instruction:\n", "\n\n### Response:\n", "\n\n"),
        new("plain", "", "", "\n", "\n"),
        new("chat", "", "User: ", "\nAssistant: ", "\n"),
    ];

    public static IReadOnlyList<string> Names { get; } = [.. All.Select(template => template.Name)];

    /// <exception cref="SettingError">There is no such template.</exception>
    public static PromptTemplate Named(string name) => All.FirstOrDefault(template => template.Name == name)
        ?? throw new SettingError("template", $"expected one of {string.Join(", ", Names)}, found '{name}'.");

    /// <summary>The text in parts; only what the assistant says is an answer to learn.</summary>
    public IEnumerable<(string Text, bool IsAnswer)> Render(IReadOnlyList<ChatMessage> messages)
    {
        string prompt = Opening;
        foreach (ChatMessage message in messages)
        {
            switch (message.Role)
            {
                case ChatRole.System:
                    prompt += $"{message.Content}\n\n";
                    break;
                case ChatRole.User:
                    prompt += $"{BeforeUser}{message.Content}{BeforeAnswer}";
                    break;
                case ChatRole.Assistant:
                    yield return (prompt, false);
                    yield return (message.Content, true);
                    prompt = AfterAnswer;
                    break;
            }
        }
    }

    /// <summary>The same as chat_template.jinja. The answer's place is open after a question, with or without add_generation_prompt.</summary>
    public string Jinja()
    {
        static string Text(string text) => JsonSerializer.Serialize(text, JinjaText);
        return "{{- bos_token }}"
            + $"{{{{- {Text(Opening)} }}}}"
            + "{%- for message in messages %}"
            + "{%- if message['role'] == 'system' %}{{- message['content'] + \"\\n\\n\" }}"
            + $"{{%- elif message['role'] == 'user' %}}{{{{- {Text(BeforeUser)} + message['content'] + {Text(BeforeAnswer)} }}}}"
            + $"{{%- elif message['role'] == 'assistant' %}}{{{{- message['content'] + eos_token }}}}{{%- if not loop.last %}}{{{{- {Text(AfterAnswer)} }}}}{{%- endif %}}"
            + "{%- endif %}{%- endfor %}\n";
    }

    private static readonly JsonSerializerOptions JinjaText = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
