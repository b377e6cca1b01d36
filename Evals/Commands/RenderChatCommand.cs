using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Factory.CommandLine;
using Factory.Core;
using Factory.Core.Disk;
using Factory.Runtime.Chat;

namespace Factory.Evals.Commands;

/// <summary>Evals render-chat: what a chat template makes of a conversation.</summary>
public static class RenderChatCommand
{
    public static Command Create()
    {
        var command = new Command(
            "render-chat",
            "Read one JSON object {template, messages, add_generation_prompt, tools, bos_token, eos_token} from stdin and print {\"text\": …}, the prompt that the template makes of the conversation, as transformers renders it.");
        command.SetAction(async (_, cancellation) =>
        {
            using Stream input = Console.OpenStandardInput();
            using var content = new MemoryStream();
            await input.CopyToAsync(content, cancellation).ConfigureAwait(false);
            RenderChatRequest request = Read(content.ToArray());
            var specialTokens = new Dictionary<string, string>();
            foreach ((string name, string? token) in new[] { ("bos_token", request.BosToken), ("eos_token", request.EosToken) })
            {
                if (token is not null)
                {
                    specialTokens[name] = token;
                }
            }
            RenderedChat chat = ChatTemplate.Parse(request.Template).Render(request.Messages, request.AddGenerationPrompt, request.Tools, specialTokens, cancellationToken: cancellation);
            Console.Out.WriteLine(JsonSerializer.Serialize(new RenderChatAnswer(chat.Text), RenderChatJson.Default.RenderChatAnswer));
            return 0;
        });
        return command;
    }

    private static RenderChatRequest Read(byte[] json)
    {
        try
        {
            return JsonSerializer.Deserialize(StrictUtf8.Decode(json, "stdin"), RenderChatJson.Default.RenderChatRequest) ?? throw new JsonException("null");
        }
        catch (JsonException error)
        {
            throw new UserError($"stdin: expected one JSON object with template and messages, found something else: {JsonProblem.Describe(error)}", error);
        }
    }
}

internal sealed record RenderChatRequest
{
    public required string Template { get; init; }

    public required JsonArray Messages { get; init; }

    public bool AddGenerationPrompt { get; init; }

    public JsonArray? Tools { get; init; }

    public string? BosToken { get; init; }

    public string? EosToken { get; init; }
}

internal sealed record RenderChatAnswer(string Text);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, AllowDuplicateProperties = false, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(RenderChatRequest))]
[JsonSerializable(typeof(RenderChatAnswer))]
internal sealed partial class RenderChatJson : JsonSerializerContext;
