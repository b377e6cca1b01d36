using Factory.Core;
using Factory.Core.Text;
using Factory.Evals.Python;

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
    private readonly TextTokenizer _tokenizer;

    /// <exception cref="UserError">The tokenizer has neither BOS nor EOS.</exception>
    public PairEncoder(TextTokenizer tokenizer)
    {
        _tokenizer = tokenizer;
        PrefixTokenId = tokenizer.BosTokenId ?? tokenizer.EosTokenId
            ?? throw new UserError($"{tokenizer.Path}: expected a tokenizer with a BOS or EOS token to stand before a text without context, found one with neither.");
    }

    /// <summary>Stands in for an empty context: BOS, else EOS.</summary>
    public int PrefixTokenId { get; }

    /// <summary>Ids of a context and its continuation; left truncation is the scorer's.</summary>
    /// <exception cref="UserError">No token is the continuation's own.</exception>
    public TokenPair Encode(LogLikelihoodRequest request)
    {
        TokenPair pair = request.Context.Length == 0 ? EncodeAlone(request.Continuation) : EncodeAfter(request);
        return pair.Continuation.Length > 0 ? pair : throw new UserError(
            $"expected a continuation with a token of its own, found '{request.Continuation}', which merges with the end of its context into the same tokens.");
    }

    /// <summary>Ids of a whole text, all of which are scored.</summary>
    public int[] EncodeWhole(string text) => _tokenizer.Encode(text, addBos: true);

    private TokenPair EncodeAfter(LogLikelihoodRequest request)
    {
        string context = PythonText.StripEnd(request.Context);
        int[] whole = _tokenizer.Encode(request.Context + request.Continuation, addBos: true);
        int[] given = _tokenizer.Encode(context, addBos: true);
        return new TokenPair(given, whole.Length > given.Length ? whole[given.Length..] : []);
    }

    private TokenPair EncodeAlone(string continuation)
    {
        int[] ids = _tokenizer.Encode(continuation, addBos: false);
        return ids is [int first, ..] && first == PrefixTokenId ? new TokenPair([first], ids[1..]) : new TokenPair([PrefixTokenId], ids);
    }
}
