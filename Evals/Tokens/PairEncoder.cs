using Factory.Core;
using Factory.Evals.Python;
using Factory.Evals.Requests;

namespace Factory.Evals.Tokens;

/// <summary>
/// From texts to the token ids that are scored, as the harness does it:
/// <code>
/// context "a b "   continuation "c"      trailing white space moves: "a b" + " c"
/// encode("a b") = [BOS a b]              encode("a b c") = [BOS a b c]           scored: what is beyond the first's length
/// </code>
/// BOS is in front only where the tokenizer has one, and nothing is appended: with T5's default of closing every text with EOS, the harness
/// would lose a continuation's first token and score EOS in its place.
/// </summary>
public sealed class PairEncoder
{
    private readonly ITextEncoder _encoder;

    /// <summary>The last context: the choices of a question come one after another and share it.</summary>
    private Context? _context;

    /// <exception cref="UserError">The tokenizer has neither BOS nor EOS.</exception>
    public PairEncoder(ITextEncoder encoder)
    {
        _encoder = encoder;
        PrefixTokenId = encoder.BosTokenId ?? encoder.EosTokenId
            ?? throw new UserError($"{encoder.Name}: expected a tokenizer with a BOS or EOS token to stand before a text without context, found one with neither.");
    }

    /// <summary>Stands in for an empty context: BOS, else EOS.</summary>
    public int PrefixTokenId { get; }

    /// <summary>Ids of a context and its continuation; left truncation is the scorer's.</summary>
    /// <param name="place">The request's place in its list, for the message.</param>
    /// <exception cref="RequestError">No token is the continuation's own.</exception>
    public async ValueTask<TokenPair> EncodeAsync(int place, LogLikelihoodRequest request, CancellationToken cancellationToken)
    {
        TokenPair pair = request.Context.Length == 0
            ? await EncodeAloneAsync(request.Continuation, cancellationToken).ConfigureAwait(false)
            : await EncodeAfterAsync(request, cancellationToken).ConfigureAwait(false);
        return pair.Continuation.Length > 0 ? pair : throw new RequestError(
            place, $"expected a continuation with a token of its own, found '{request.Continuation}', which merges with the end of its context into the same tokens.");
    }

    /// <summary>Ids of a whole text, all of which are scored.</summary>
    public ValueTask<int[]> EncodeWholeAsync(string text, CancellationToken cancellationToken) => _encoder.EncodeAsync(text, addBos: true, cancellationToken);

    private async ValueTask<TokenPair> EncodeAfterAsync(LogLikelihoodRequest request, CancellationToken cancellationToken)
    {
        string context = PythonText.StripEnd(request.Context);
        Context known = _context is Context last && last.Text == context
            ? last
            : new Context(context, await _encoder.EncodeAsync(context, addBos: true, cancellationToken).ConfigureAwait(false));
        _context = known;
        int[] whole = await _encoder.EncodeAsync(request.Context + request.Continuation, addBos: true, cancellationToken).ConfigureAwait(false);
        return new TokenPair(known.Ids, whole.Length > known.Ids.Length ? whole[known.Ids.Length..] : []);
    }

    private async ValueTask<TokenPair> EncodeAloneAsync(string continuation, CancellationToken cancellationToken)
    {
        int[] ids = await _encoder.EncodeAsync(continuation, addBos: false, cancellationToken).ConfigureAwait(false);
        return ids is [int first, ..] && first == PrefixTokenId ? new TokenPair([first], ids[1..]) : new TokenPair([PrefixTokenId], ids);
    }

    private sealed record Context(string Text, int[] Ids);
}
