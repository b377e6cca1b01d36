using System.Text;
using Factory.Runtime;
using Factory.Runtime.Engine;

namespace Factory.InferenceApi.OpenAi;

/// <summary>A request of /v1/chat/completions that fits the model, and how its answer is put together.</summary>
/// <param name="Texts">null where no log-probabilities were asked for.</param>
internal sealed record ChatCompletion(string Id, long Created, string Model, int PromptTokens, GenerationOptions Options, TokenTexts? Texts, bool IncludeUsage)
{
    private const string Kind = "chat.completion";
    private const string ChunkKind = "chat.completion.chunk";
    private const string Role = "assistant";

    public async Task<ChatAnswer> WholeAsync(IAsyncEnumerable<GeneratedPiece> pieces)
    {
        var texts = Enumerable.Range(0, Options.Choices).Select(_ => new StringBuilder()).ToArray();
        var logprobs = texts.Select(_ => new List<ChatTokenLogprob>()).ToArray();
        var finish = new string?[texts.Length];
        int tokens = 0;
        await foreach (GeneratedPiece piece in pieces)
        {
            tokens++;
            texts[piece.Choice].Append(piece.Text);
            finish[piece.Choice] = piece.Finish is FinishReason reason ? ChoiceCollector.Words(reason) : null;
            if (Texts is not null)
            {
                logprobs[piece.Choice].Add(Logprob(piece));
            }
        }
        return new ChatAnswer(
            Id, Kind, Created, Model,
            [.. texts.Select((text, i) => new ChatChoice(i, new ChatReply(Role, text.ToString()), Texts is null ? null : new ChatLogprobs(logprobs[i]), finish[i]))],
            TokenUsage.From(PromptTokens, tokens));
    }

    public async IAsyncEnumerable<ChatChunk> StreamAsync(IAsyncEnumerable<GeneratedPiece> pieces)
    {
        int tokens = 0;
        for (int i = 0; i < Options.Choices; i++)
        {
            yield return Chunk(new ChatChunkChoice(i, new ChatDelta(Role, ""), null, null));
        }
        await foreach (GeneratedPiece piece in pieces)
        {
            tokens++;
            if (piece.Text.Length > 0 || Texts is not null)
            {
                yield return Chunk(new ChatChunkChoice(piece.Choice, new ChatDelta(null, piece.Text), Texts is null ? null : new ChatLogprobs([Logprob(piece)]), null));
            }
            if (piece.Finish is FinishReason reason)
            {
                yield return Chunk(new ChatChunkChoice(piece.Choice, new ChatDelta(null, null), null, ChoiceCollector.Words(reason)));
            }
        }
        if (IncludeUsage)
        {
            yield return new ChatChunk(Id, ChunkKind, Created, Model, [], TokenUsage.From(PromptTokens, tokens));
        }
    }

    private ChatChunk Chunk(ChatChunkChoice choice) => new(Id, ChunkKind, Created, Model, [choice], null);

    private ChatTokenLogprob Logprob(GeneratedPiece piece)
    {
        string token = Texts!.Text(piece.TokenId);
        return new ChatTokenLogprob(token, piece.LogProbability ?? 0, Bytes(token), [.. piece.Top.Select(Top)]);
    }

    private ChatTopLogprob Top(TokenLogProbability top)
    {
        string token = Texts!.Text(top.TokenId);
        return new ChatTopLogprob(token, top.LogProbability, Bytes(token));
    }

    private static int[] Bytes(string token) => [.. Encoding.UTF8.GetBytes(token).Select(value => (int)value)];
}
