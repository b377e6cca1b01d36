using Factory.Core;
using Factory.Evals.Tokens;

namespace Factory.Evals.Models.Http;

/// <summary>A server's tokenizer, asked through /tokenize and /tokenizer_info (vLLM's interface, which Factory's server has too).</summary>
internal sealed class RemoteTextEncoder : ITextEncoder
{
    private readonly ServerClient _server;
    private readonly string _model;
    private readonly bool _addsBos;

    private RemoteTextEncoder(ServerClient server, string model, bool addsBos) => (_server, _model, _addsBos) = (server, model, addsBos);

    public string Name => new Uri(_server.Root, "/tokenize").ToString();

    public int? BosTokenId { get; private init; }

    public int? EosTokenId { get; private init; }

    /// <summary>The server's tokenizer; null where it offers none.</summary>
    public static async Task<RemoteTextEncoder?> FindAsync(ServerClient server, string model, CancellationToken cancellationToken)
    {
        if (await DescribeAsync(server, model, cancellationToken).ConfigureAwait(false) is not TokenizerInfoResponse info)
        {
            return null;
        }
        return new RemoteTextEncoder(server, model, info.AddBosToken ?? true)
        {
            BosTokenId = await IdAsync(info.BosToken).ConfigureAwait(false),
            EosTokenId = await IdAsync(info.EosToken).ConfigureAwait(false),
        };

        async Task<int?> IdAsync(string? token) => token is null ? null : (await AskAsync(server, model, token, cancellationToken).ConfigureAwait(false)) is [int id, ..] ? id : null;
    }

    /// <summary>What the server says of its tokenizer; null where it says nothing.</summary>
    /// <param name="model">null: the only one that it serves.</param>
    public static Task<TokenizerInfoResponse?> DescribeAsync(ServerClient server, string? model, CancellationToken cancellationToken) =>
        server.FindAsync("tokenizer_info" + (model is null ? "" : $"?model={Uri.EscapeDataString(model)}"), CompletionsJson.Default.TokenizerInfoResponse, cancellationToken);

    public async ValueTask<int[]> EncodeAsync(string text, bool addBos, CancellationToken cancellationToken)
    {
        int[] ids = await AskAsync(_server, _model, text, cancellationToken).ConfigureAwait(false);
        // A chat template may have spelled it out.
        return addBos && _addsBos && BosTokenId is int bos && ids.FirstOrDefault(-1) != bos ? [bos, .. ids] : ids;
    }

    private static async Task<int[]> AskAsync(ServerClient server, string model, string text, CancellationToken cancellationToken)
    {
        TokenizeResponse answer = await server.TryPostAsync(
            "tokenize", new TokenizeRequest(model, text, AddSpecialTokens: false), CompletionsJson.Default.TokenizeRequest, CompletionsJson.Default.TokenizeResponse, cancellationToken).ConfigureAwait(false)
            ?? throw new UserError($"{server.Root}: expected /tokenize beside /tokenizer_info, found none.");
        return [.. answer.Tokens];
    }
}
