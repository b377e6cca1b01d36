using Factory.Evals;
using Factory.InferenceApi.Hosting;
using Factory.InferenceApi.Keys;
using Factory.InferenceApi.Models;
using Factory.InferenceApi.Problems;

namespace Factory.InferenceApi.Evaluation;

/// <summary>POST /eval.</summary>
internal static class EvalEndpoint
{
    public static void MapEval(this IEndpointRouteBuilder routes) => routes.MapPost("/eval", EvalAsync)
        .WithName("eval")
        .WithTags("Evaluation")
        .WithSummary("Scores the served model on downstream tasks, as lm-evaluation-harness does.")
        .WithDescription("Answers when all tasks are done, which takes minutes on full sets; limit makes it short. Closing the connection stops the evaluation. One runs at a time. With wait: false it becomes a job that goes on by itself: the answer is 202, and GET /eval/{id} tells how far it is.")
        .Produces<EvaluationReport>()
        .Produces<EvalJob>(StatusCodes.Status202Accepted)
        .TakesJson()
        .AsksModel()
        .RequireKey(Scope.Eval);

    private static async Task<IResult> EvalAsync(EvalRequest request, HttpContext context, ModelRegistry models, EvalGate gate, EvalRunner runner, EvalJobs jobs, ShutdownSignal shutdown)
    {
        using ModelLease lease = models.Find(request.Model).RentText();
        EvaluationPlan plan = runner.Plan(request);
        if (request.Wait == false)
        {
            EvalJob job = jobs.Add(request);
            return TypedResults.Accepted($"/eval/{job.Id}", job);
        }
        using IDisposable turn = gate.Enter();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, shutdown.Token);
        // Off the request's thread, as scoring takes its thread for as long as it runs.
        EvaluationReport report = await Task.Run(() => runner.RunAsync(lease.Model, null, plan, progress: null, stop.Token), CancellationToken.None);
        return TypedResults.Json(report, EvaluationJson.Default.EvaluationReport);
    }
}
