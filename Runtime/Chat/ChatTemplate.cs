using System.Text.Json.Nodes;
using Factory.Runtime.Chat.Jinja;

namespace Factory.Runtime.Chat;

/// <summary>
/// A chat template in Hugging Face's Jinja dialect (<c>chat_template</c> of tokenizer_config.json, chat_template.jinja), rendered as transformers'
/// <c>apply_chat_template</c> does. Templates come with models from strangers: they see plain data only, can change none of it, and are bounded in work
/// and in output. Thread-safe.
/// </summary>
public sealed class ChatTemplate
{
    private readonly Template _template;
    private readonly TimeProvider _time;

    private ChatTemplate(Template template, TimeProvider time)
    {
        _template = template;
        _time = time;
    }

    /// <param name="source">The template's text.</param>
    /// <param name="time">What <c>strftime_now</c> tells. Default: the system's clock.</param>
    /// <exception cref="ChatTemplateError">It is malformed or uses what chat templates cannot.</exception>
    public static ChatTemplate Parse(string source, TimeProvider? time = null) => new(TemplateParser.Parse(source), time ?? TimeProvider.System);

    /// <summary>The prompt for a conversation.</summary>
    /// <param name="messages">Objects with "role", "content" and whatever else the template reads.</param>
    /// <param name="addGenerationPrompt">Whether the prompt ends where the assistant's answer starts.</param>
    /// <param name="tools">Tools as JSON schemas, or null.</param>
    /// <param name="specialTokens">Variables by name: "bos_token", "eos_token" …, as <see cref="Core.Text.TextTokenizer.SpecialTokenTexts"/> has them.</param>
    /// <param name="variables">Further variables, for example "enable_thinking".</param>
    /// <exception cref="ChatTemplateError">The template refuses the conversation, fails on it, or does not come to an end.</exception>
    public RenderedChat Render(
        JsonArray messages,
        bool addGenerationPrompt,
        JsonArray? tools = null,
        IReadOnlyDictionary<string, string>? specialTokens = null,
        IReadOnlyDictionary<string, JsonNode?>? variables = null,
        CancellationToken cancellationToken = default)
    {
        var budget = new Budget(cancellationToken);
        Scope globals = Globals.Create(budget, _time);
        foreach ((string name, string text) in specialTokens ?? new Dictionary<string, string>())
        {
            globals.Set(name, MarkedText.Template(text));
        }
        foreach ((string name, JsonNode? value) in variables ?? new Dictionary<string, JsonNode?>())
        {
            globals.Set(name, JsonValues.Read(value));
        }
        globals.Set("messages", JsonValues.ReadMessages(messages));
        globals.Set("tools", JsonValues.Read(tools));
        globals.Set("documents", null);
        globals.Set("add_generation_prompt", addGenerationPrompt);
        MarkedText prompt = _template.Render(globals, budget);
        return new RenderedChat(prompt.Text, prompt.Literal);
    }
}
