using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Factory.Core;
using Factory.Runtime;
using Factory.Runtime.Chat;

namespace Factory.Evals.Prompts;

/// <summary>
/// The conversation that a model's chat template makes of the turns, up to where its answer starts, as lm-evaluation-harness has it with apply_chat_template:
/// <code>
/// fewshot_as_multiturn     system: description   user: example   assistant: its answer   user: question   (assistant:)
/// otherwise                system: description   user: example, its answer and the question as one text   (assistant:)
/// </code>
/// Choices are scored without a space before them. A template that refuses the description as a system turn gets the conversation without it.
/// </summary>
public sealed class ChatPrompt : PromptFormat
{
    private readonly ChatTemplate _template;
    private readonly IReadOnlyDictionary<string, string> _specialTokens;

    /// <param name="source">The template, in Hugging Face's Jinja dialect.</param>
    /// <param name="specialTokens">Texts of special tokens by the names that templates know: "bos_token", "eos_token".</param>
    /// <param name="isMultiturn">Whether examples are turns of their own.</param>
    /// <exception cref="SettingError">The template is malformed.</exception>
    public ChatPrompt(string source, IReadOnlyDictionary<string, string> specialTokens, bool isMultiturn)
    {
        try
        {
            _template = ChatTemplate.Parse(source);
        }
        catch (ChatTemplateError error)
        {
            throw Refused(error);
        }
        _specialTokens = specialTokens;
        IsMultiturn = isMultiturn;
        TemplateSha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(source)));
    }

    /// <summary>Whether examples are turns of their own.</summary>
    public bool IsMultiturn { get; }

    /// <summary>Of the template's text.</summary>
    public string TemplateSha256 { get; }

    /// <inheritdoc/>
    /// <exception cref="SettingError">The template refuses the conversation.</exception>
    public override string Render(IReadOnlyList<Turn> turns)
    {
        Turn[] system = [.. turns.TakeWhile(turn => turn.Role == Turn.SystemRole)];
        Turn[] others = [.. turns.Skip(system.Length)];
        Turn[] conversation = IsMultiturn ? others : [Turn.User(Join(others))];
        try
        {
            return RenderTemplate([.. system, .. conversation]);
        }
        catch (ChatTemplateError) when (system.Length > 0)
        {
            return Render(others);
        }
        catch (ChatTemplateError error)
        {
            throw Refused(error);
        }
    }

    public override string BeforeChoice(string plain) => "";

    private string RenderTemplate(Turn[] turns) => _template.Render(
        new JsonArray([.. turns.Select(turn => new JsonObject { ["role"] = turn.Role, ["content"] = turn.Content })]), addGenerationPrompt: true, specialTokens: _specialTokens).Text;

    private static SettingError Refused(ChatTemplateError error) =>
        new("apply_chat_template", $"expected a chat template that takes the questions, found: {error.Message}", error);
}
