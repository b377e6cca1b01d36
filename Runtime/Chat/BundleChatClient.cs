using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Factory.Core;
using Factory.Core.Text;
using Microsoft.Extensions.AI;

namespace Factory.Runtime.Chat;

/// <summary>
/// A bundle as <see cref="IChatClient"/>: its chat template makes the prompt, its end tokens end the answer. Understands text only: no tools, no images, no
/// response format. Safe for many threads.
/// </summary>
public sealed class BundleChatClient : IChatClient
{
    private readonly TextEngine _text;
    private readonly TextTokenizer _tokenizer;
    private readonly ChatTemplate _template;
    private readonly ChatClientMetadata _metadata;

    /// <param name="text">Stays the caller's.</param>
    /// <exception cref="UserError">The bundle has no chat template.</exception>
    /// <exception cref="ChatTemplateError">Its template is malformed.</exception>
    public BundleChatClient(TextEngine text)
    {
        _text = text;
        Bundle bundle = text.Engine.Model.Bundle;
        _tokenizer = bundle.Tokenizer!;
        _template = ChatTemplate.Parse(_tokenizer.ChatTemplate
            ?? throw new UserError($"{bundle.Directory}: expected a chat template (in tokenizer_config.json or chat_template.jinja), which conversations need, found none. Use {nameof(TextEngine)} for plain continuation."));
        _metadata = new ChatClientMetadata("factory", providerUri: null, bundle.Name);
    }

    /// <inheritdoc/>
    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">Tools, a response format or content other than text.</exception>
    /// <exception cref="SettingError">An option is out of range, or the conversation does not fit the context window.</exception>
    /// <exception cref="ChatTemplateError">The template refuses the conversation.</exception>
    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        RenderedChat chat = _template.Render(Messages(messages, options), addGenerationPrompt: true, specialTokens: _tokenizer.SpecialTokenTexts, cancellationToken: cancellationToken);
        int[] prompt = _tokenizer.EncodeRendered(chat.Text, chat.Literal);
        return UpdatesAsync(prompt.Length, _text.GenerateAsync(prompt, Generation(options), cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(ChatClientMetadata) ? _metadata
            : serviceType.IsInstanceOfType(this) ? this
            : serviceType.IsInstanceOfType(_text) ? _text
            : serviceType.IsInstanceOfType(_text.Engine) ? _text.Engine
            : null;
    }

    /// <summary>Nothing: engine and model are their owner's.</summary>
    public void Dispose()
    {
    }

    private async IAsyncEnumerable<ChatResponseUpdate> UpdatesAsync(int promptTokens, IAsyncEnumerable<GeneratedPiece> pieces, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string id = Guid.NewGuid().ToString("N");
        int generated = 0;
        await foreach (GeneratedPiece piece in pieces.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            generated++;
            if (piece.Text.Length == 0 && piece.Finish is null)
            {
                continue;
            }
            var update = new ChatResponseUpdate(ChatRole.Assistant, piece.Text) { ResponseId = id, MessageId = id, ModelId = _metadata.DefaultModelId };
            if (piece.Finish is FinishReason finish)
            {
                update.FinishReason = Reason(finish);
                update.Contents.Add(new UsageContent(new UsageDetails { InputTokenCount = promptTokens, OutputTokenCount = generated, TotalTokenCount = promptTokens + generated }));
            }
            yield return update;
        }
    }

    private static ChatFinishReason Reason(FinishReason finish) => finish switch
    {
        FinishReason.Stop => ChatFinishReason.Stop,
        FinishReason.Length or FinishReason.Context => ChatFinishReason.Length,
    };

    private static JsonArray Messages(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        if (options is { Tools.Count: > 0 } || options?.ResponseFormat is not (null or ChatResponseFormatText))
        {
            throw new NotSupportedException("Tools and response formats are not supported: expected options without them.");
        }
        JsonArray array = [];
        if (options?.Instructions is string instructions)
        {
            array.Add(Message(ChatRole.System.Value, instructions));
        }
        foreach (ChatMessage message in messages)
        {
            if (message.Contents.FirstOrDefault(content => content is not TextContent) is AIContent other)
            {
                throw new NotSupportedException($"Expected text in messages, found {other.GetType().Name}.");
            }
            array.Add(Message(message.Role.Value, message.Text));
        }
        return array;

        static JsonObject Message(string role, string content) => new() { ["role"] = role, ["content"] = content };
    }

    /// <summary>What the options say, the engine's defaults where they say nothing: greedy.</summary>
    private static GenerationOptions Generation(ChatOptions? options)
    {
        var defaults = new GenerationOptions();
        return options is null ? defaults : defaults with
        {
            MaxNewTokens = options.MaxOutputTokens ?? defaults.MaxNewTokens,
            Stop = [.. options.StopSequences ?? []],
            Sampling = new SamplingOptions
            {
                Temperature = options.Temperature ?? 0,
                TopK = options.TopK ?? 0,
                TopP = options.TopP ?? 1,
                PresencePenalty = options.PresencePenalty ?? 0,
                FrequencyPenalty = options.FrequencyPenalty ?? 0,
                Seed = (ulong?)options.Seed,
            },
        };
    }
}
