using Factory.InferenceApi.Generation;
using Factory.InferenceApi.Keys;
using Factory.InferenceApi.Models;
using Factory.InferenceApi.Problems;
using Factory.Runtime;

namespace Factory.InferenceApi.OpenAi;

/// <summary>POST /v1/chat/completions.</summary>
internal static class ChatEndpoint
{
    public static void MapChat(this IEndpointRouteBuilder v1) => v1.MapPost("/chat/completions", CompleteAsync)
        .WithName("openai_chat")
        .WithSummary("Goes on with a conversation, as OpenAI's API does.")
        .WithDescription("The prompt is what the model's chat template makes of the messages. With stream: true the answer is text/event-stream: events with what each piece adds, then [DONE].")
        .Produces<ChatAnswer>(StatusCodes.Status200OK, "application/json", "text/event-stream")
        .TakesJson()
        .AsksModel()
        .RequireKey(Scope.Generate);

    private static async Task<IResult> CompleteAsync(
        ChatRequest request, HttpContext context, ModelRegistry models, ChatPrompts prompts, Turns turns, PieceReader reader, OpenAiEvents events, TimeProvider time)
    {
        ServedModel model = models.Find(request.Model!);
        ModelLease lease = model.RentText();
        context.Response.RegisterForDispose(lease);
        TextEngine engine = lease.Text!;
        int[] prompt = PromptEncoder.Check(engine, prompts.Encode(request, model.Name, lease.Model.Bundle.Tokenizer!, context.RequestAborted), "messages");
        var chat = new ChatCompletion(
            $"chatcmpl-{Guid.NewGuid():N}", time.GetUtcNow().ToUnixTimeSeconds(), model.Name, prompt.Length, Options(request, engine, prompt.Length),
            request.Logprobs == true ? new TokenTexts(lease.Model.Bundle.Tokenizer!) : null, request.StreamOptions?.IncludeUsage ?? false);
        IAsyncEnumerable<GeneratedPiece> pieces = reader.ReadAsync(engine, prompt, chat.Options, await turns.TakeAsync(context));
        return request.Stream == true
            ? TypedResults.ServerSentEvents(events.WriteAsync(chat.StreamAsync(pieces), context.TraceIdentifier))
            : TypedResults.Ok(await chat.WholeAsync(pieces));
    }

    private static GenerationOptions Options(ChatRequest request, TextEngine engine, int promptTokens)
    {
        int window = engine.Engine.Capacity;
        int newTokens = request.MaxCompletionTokens ?? request.MaxTokens ?? window - promptTokens;
        foreach ((string field, int? most) in ((string, int?)[])[("max_completion_tokens", request.MaxCompletionTokens), ("max_tokens", request.MaxTokens)])
        {
            Require(most is null || most <= window, field, $"expected a whole number from 1 to {window} (the model's context length), found {most}.");
        }
        Require((request.MinTokens ?? 0) <= newTokens, "min_tokens", $"expected from 0 to {newTokens} (the most new tokens), found {request.MinTokens}.");
        Require(request.Store != true, "store", "expected false, as no answer is kept, found true.");
        Require(request.TopLogprobs is null || request.Logprobs == true, "top_logprobs", "expected logprobs: true beside it, found none.");
        return request.Options(engine) with
        {
            MaxNewTokens = newTokens,
            Choices = request.N ?? 1,
            LogProbabilities = request.Logprobs == true ? request.TopLogprobs ?? 0 : null,
        };
    }

    private static void Require(bool holds, string field, string sentence)
    {
        if (!holds)
        {
            throw Problem.Field(field, sentence);
        }
    }
}
