using Factory.Evals.Requests;
using Factory.Evals.Tokens;
using Factory.Runtime;

namespace Factory.Evals.Models;

/// <summary>A log-likelihood or rolling request as the token windows that are scored for it.</summary>
/// <param name="Place">The request's place in its list.</param>
/// <param name="IsRolling">Whether the answer is that of a whole text.</param>
internal sealed record AskedWindows(int Place, bool IsRolling, IReadOnlyList<TokenPair> Windows)
{
    /// <param name="length">The context window.</param>
    /// <exception cref="RequestError">The continuation has no token of its own or does not fit the context window.</exception>
    public static async ValueTask<AskedWindows> OfAsync(int place, EvaluationRequest request, PairEncoder encoder, int length, CancellationToken cancellationToken)
    {
        if (request is RollingRequest rolling)
        {
            int[] ids = await encoder.EncodeWholeAsync(rolling.Text, cancellationToken).ConfigureAwait(false);
            return new AskedWindows(place, true, [.. RollingWindows.Cut(ids, encoder.PrefixTokenId, length)]);
        }
        TokenPair pair = await encoder.EncodeAsync(place, (LogLikelihoodRequest)request, cancellationToken).ConfigureAwait(false);
        return pair.Continuation.Length <= length
            ? new AskedWindows(place, false, [pair])
            : throw new RequestError(place, $"expected a continuation of at most {length} tokens (the context window), found one of {pair.Continuation.Length}.");
    }

    /// <summary>The end of a prompt that leaves room for <paramref name="maxTokens"/> more: as with scores, a long context loses its beginning.</summary>
    public static int[] Prompt(int[] ids, int prefixTokenId, int length, int maxTokens) =>
        ids.Length == 0 ? [prefixTokenId] : [.. ids.TakeLast(Math.Max(1, length - maxTokens))];

    /// <param name="scores">One a window.</param>
    public Answer Answer(IReadOnlyList<LogLikelihood> scores) => new(Place, IsRolling
        ? new RollingResponse(scores.Sum(score => score.Value), scores.Sum(score => score.Tokens))
        : new LogLikelihoodResponse(scores[0].Value, scores[0].IsGreedy, scores[0].Tokens));
}
