using Factory.Evals.Requests;

namespace Factory.Evals.Models;

/// <summary>Ways to ask a model.</summary>
public static class LanguageModelExtensions
{
    /// <summary>All responses, in the order of <paramref name="requests"/>.</summary>
    /// <param name="progress">Gets how many are answered.</param>
    public static async Task<IReadOnlyList<EvaluationResponse>> AskAllAsync(
        this ILanguageModel model, IReadOnlyList<EvaluationRequest> requests, IProgress<int>? progress, CancellationToken cancellationToken)
    {
        var responses = new EvaluationResponse?[requests.Count];
        int answered = 0;
        await foreach (Answer answer in model.AskAsync(requests, cancellationToken).ConfigureAwait(false))
        {
            answered += responses[answer.Request] is null ? 1 : 0;
            responses[answer.Request] = answer.Response;
            progress?.Report(answered);
        }
        return [.. responses.Select(response => response ?? throw new InvalidOperationException($"The model answered {answered} of {requests.Count} requests."))];
    }
}
