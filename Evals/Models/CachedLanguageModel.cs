using System.Runtime.CompilerServices;
using Factory.Evals.Requests;

namespace Factory.Evals.Models;

/// <summary>Asks <paramref name="model"/> only what it has not answered before; the same request twice in one list is asked once.</summary>
public sealed class CachedLanguageModel(ILanguageModel model, ResponseCache cache) : ILanguageModel
{
    /// <summary>Answers that a killed run loses at most, beside the batch that was being computed.</summary>
    private const int Unwritten = 64;

    public ModelDescription Description => model.Description;

    public async IAsyncEnumerable<Answer> AskAsync(IReadOnlyList<EvaluationRequest> requests, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var missing = new Dictionary<string, (EvaluationRequest Request, byte[] Key, List<int> Places)>();
        foreach ((int place, EvaluationRequest request) in requests.Index())
        {
            byte[] key = cache.Key(request);
            if (cache.Find(key) is EvaluationResponse known)
            {
                yield return new Answer(place, known);
                continue;
            }
            string name = Convert.ToHexString(key);
            missing.TryAdd(name, (request, key, []));
            missing[name].Places.Add(place);
        }
        (EvaluationRequest Request, byte[] Key, List<int> Places)[] asked = [.. missing.Values];
        if (asked.Length == 0)
        {
            yield break;
        }
        var fresh = new List<(byte[] Key, EvaluationResponse Response)>();
        IAsyncEnumerator<Answer> source = model.AskAsync([.. asked.Select(item => item.Request)], cancellationToken).GetAsyncEnumerator(cancellationToken);
        try
        {
            while (await MoveAsync(source, asked).ConfigureAwait(false))
            {
                (int index, EvaluationResponse response) = source.Current;
                if (IsFinite(response))
                {
                    fresh.Add((asked[index].Key, response));
                }
                if (fresh.Count >= Unwritten)
                {
                    cache.Add(fresh);
                    fresh.Clear();
                }
                foreach (int place in asked[index].Places)
                {
                    yield return new Answer(place, response);
                }
            }
        }
        finally
        {
            await source.DisposeAsync().ConfigureAwait(false);
            // Also after a failure or Ctrl-C: what was answered is kept.
            cache.Add(fresh);
        }
    }

    /// <summary>A refusal names the request by its place among those of the caller.</summary>
    private static async ValueTask<bool> MoveAsync(IAsyncEnumerator<Answer> source, (EvaluationRequest Request, byte[] Key, List<int> Places)[] asked)
    {
        try
        {
            return await source.MoveNextAsync().ConfigureAwait(false);
        }
        catch (RequestError error)
        {
            throw new RequestError(asked[error.Request].Places[0], error.Message, error);
        }
    }

    private static bool IsFinite(EvaluationResponse response) => response switch
    {
        LogLikelihoodResponse pair => double.IsFinite(pair.LogLikelihood),
        RollingResponse rolling => double.IsFinite(rolling.LogLikelihood),
        _ => true,
    };
}
