using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Factory.Core.Text;
using Factory.InferenceApi.Problems;
using Factory.Runtime;
using Factory.Runtime.Chat;

namespace Factory.InferenceApi.OpenAi;

/// <summary>Prompts of conversations, made by the model's own chat template. Its control tokens are parsed; those that users spell are text.</summary>
internal sealed class ChatPrompts(TimeProvider time)
{
    private readonly ConditionalWeakTable<TextTokenizer, ChatTemplate> _templates = [];

    /// <exception cref="RefusedException">400: the template refuses the conversation, or the model has none, or one that is not understood (a status above 500 would make OpenAI's clients ask again).</exception>
    public int[] Encode(ChatRequest request, string model, TextTokenizer tokenizer, CancellationToken cancellationToken)
    {
        ChatTemplate template = Template(model, tokenizer);
        var messages = new JsonArray([.. request.Messages!.Select(Node)]);
        try
        {
            RenderedChat chat = template.Render(messages, request.AddGenerationPrompt ?? true, specialTokens: tokenizer.SpecialTokenTexts, cancellationToken: cancellationToken);
            return tokenizer.EncodeRendered(chat.Text, chat.Literal);
        }
        catch (ChatTemplateError error)
        {
            throw Problem.Field("messages", $"expected a conversation that the model's chat template takes, found one that it refuses: {error.Message}");
        }
    }

    private ChatTemplate Template(string model, TextTokenizer tokenizer)
    {
        if (tokenizer.ChatTemplate is not string source)
        {
            throw Problem.Field("model", $"expected one with a chat template, found '{model}', which came without and has no way to read a conversation. /v1/completions continues any text.");
        }
        try
        {
            return _templates.GetValue(tokenizer, _ => ChatTemplate.Parse(source, time));
        }
        catch (ChatTemplateError error)
        {
            throw Problem.Field("model", $"expected one whose chat template is understood, found '{model}': {error.Message}");
        }
    }

    private static JsonNode Node(ChatMessage message)
    {
        var node = new JsonObject { ["role"] = message.Role == "developer" ? "system" : message.Role, ["content"] = message.Content!.Text };
        if (message.Name is string name)
        {
            node["name"] = name;
        }
        return node;
    }
}
