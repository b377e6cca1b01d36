using Factory.Core;
using Factory.Core.Text;

namespace Factory.Evals.Prompts;

/// <summary>Where a chat template comes from: a model's tokenizer, or what a server says of it.</summary>
/// <param name="Name">What to call it in a message.</param>
/// <param name="Template">null where the model came without one.</param>
/// <param name="SpecialTokens">Texts of special tokens by the names that templates know: "bos_token", "eos_token".</param>
public sealed record ChatTemplateSource(string Name, string? Template, IReadOnlyDictionary<string, string> SpecialTokens)
{
    public static ChatTemplateSource From(TextTokenizer tokenizer) => new(tokenizer.Path, tokenizer.ChatTemplate, tokenizer.SpecialTokenTexts);

    /// <exception cref="SettingError">There is no template, or one that is malformed.</exception>
    public ChatPrompt Format(bool isMultiturn) => Template is null
        ? throw new SettingError("apply_chat_template", $"expected a model with a chat template (chat_template in tokenizer_config.json, or chat_template.jinja), found {Name} without one.")
        : new ChatPrompt(Template, SpecialTokens, isMultiturn);
}
