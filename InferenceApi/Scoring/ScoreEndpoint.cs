using System.Globalization;
using Factory.Evals.Models;
using Factory.Evals.Requests;
using Factory.InferenceApi.Generation;
using Factory.InferenceApi.Keys;
using Factory.InferenceApi.Models;
using Factory.InferenceApi.Problems;

namespace Factory.InferenceApi.Scoring;

/// <summary>POST /score: log-likelihoods of texts, tokenized and windowed as the evaluation harness does it.</summary>
internal static class ScoreEndpoint
{
    public static void MapScore(this IEndpointRouteBuilder routes) => routes.MapPost("/score", ScoreAsync)
        .WithName("score")
        .WithTags("Scoring")
        .WithSummary("How likely are texts, alone or after a context?")
        .Produces<ScoreAnswer>()
        .TakesJson()
        .AsksModel()
        .RequireKey(Scope.Generate);

    private static async Task<Ok<ScoreAnswer>> ScoreAsync(ScoreRequest request, HttpContext context, ModelRegistry models, Turns turns)
    {
        ServedModel model = models.Find(request.Model);
        using ModelLease lease = model.RentText();
        Turn turn = await turns.TakeAsync(context);
        EvaluationRequest[] questions = [.. request.Items!.Select(EvaluationRequest (item) =>
            item.Context is string before ? new LogLikelihoodRequest(before, item.Continuation!) : new RollingRequest(item.Continuation!))];
        try
        {
            // Off the request's thread, as scoring takes its thread for as long as it runs.
            IReadOnlyList<EvaluationResponse> responses = await turn.Stop.GuardAsync(
                Task.Run(() => new RuntimeLanguageModel(lease.Model).AskAllAsync(questions, progress: null, turn.Stop.Token), CancellationToken.None));
            return TypedResults.Ok(new ScoreAnswer(model.Name, [.. responses.Select(Score)]));
        }
        catch (RequestError error)
        {
            throw Problem.Field(string.Create(CultureInfo.InvariantCulture, $"items[{error.Request}].continuation"), error.Message);
        }
    }

    private static TextScore Score(EvaluationResponse response) => response switch
    {
        LogLikelihoodResponse continuation => new TextScore(continuation.LogLikelihood, continuation.IsGreedy, continuation.Tokens),
        RollingResponse whole => new TextScore(whole.LogLikelihood, null, whole.Tokens),
        _ => throw new InvalidOperationException($"A text's score is no {response.GetType().Name}."),
    };
}
