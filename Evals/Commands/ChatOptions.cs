using System.CommandLine;
using Factory.Core;
using Factory.Evals.Prompts;

namespace Factory.Evals.Commands;

/// <summary>Options that say whether questions are put as a conversation.</summary>
internal sealed class ChatOptions
{
    private readonly Option<bool> _apply = new("--apply-chat-template")
    {
        Description = "Put each question as a conversation, by the model's own chat template: the task's description as system turn, examples and question as turns of the user and the assistant.",
    };

    private readonly Option<bool?> _multiturn = new("--fewshot-as-multiturn")
    {
        Description = "Whether examples are turns of their own; false: one turn with the question. [default: true with --apply-chat-template]",
        HelpName = "true|false",
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_apply);
        command.Options.Add(_multiturn);
    }

    /// <summary>The format that was chosen.</summary>
    /// <param name="find">Finds the model's template; asked only where one is wanted.</param>
    /// <exception cref="SettingError">The model has no template that can be read, or turns are wanted without one.</exception>
    public async Task<PromptFormat> ReadAsync(ParseResult parsed, Func<Task<ChatTemplateSource>> find)
    {
        bool? multiturn = parsed.GetValue(_multiturn);
        if (parsed.GetValue(_apply))
        {
            return (await find().ConfigureAwait(false)).Format(multiturn ?? true);
        }
        return multiturn is true ? throw new SettingError("fewshot_as_multiturn", "expected --apply-chat-template with it, as turns are a chat template's, found it alone.") : PromptFormat.Plain;
    }
}
