using Factory.Core;
using Factory.Evals;
using Factory.Evals.Data;
using Factory.InferenceApi.Hosting;
using Factory.InferenceApi.Models;
using Factory.InferenceApi.Problems;
using Factory.Runtime;

namespace Factory.InferenceApi.Evaluation;

/// <summary>POST /eval.</summary>
internal static class EvalEndpoint
{
    public static void MapEval(this IEndpointRouteBuilder routes) => routes.MapPost("/eval", EvalAsync)
        .WithName("eval")
        .WithTags("Evaluation")
        .WithSummary("Scores the served model on downstream tasks, as lm-evaluation-harness does.")
        .WithDescription("Answers when all tasks are done, which takes minutes on full sets; limit makes it short. Closing the connection stops the evaluation. One runs at a time.")
        .Produces<EvaluationReport>()
        .ProducesValidationProblem()
        .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
        .ProducesProblem(StatusCodes.Status415UnsupportedMediaType)
        .ProducesProblem(StatusCodes.Status501NotImplemented)
        .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    private static async Task<JsonHttpResult<EvaluationReport>> EvalAsync(
        RequestBody<EvalRequest> body, HttpContext context, ServedModel served, EvalGate gate, ServerOptions server, ShutdownSignal shutdown)
    {
        CheckTasks(body.Value.Tasks);
        LanguageModel model = served.RequireText();
        using IDisposable turn = gate.Enter();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, shutdown.Token);
        var options = new EvaluationOptions
        {
            Tasks = body.Value.Tasks,
            Limit = body.Value.Limit,
            NumFewshot = body.Value.NumFewshot,
            DataDirectory = server.DataDirectory,
            TextFile = server.TextFile,
        };
        EvaluationReport report = await Task.Factory.StartNew(
            () => EvaluationRunner.Run(new RuntimeLanguageModel(model), Plan(options), progress: null, stop.Token),
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        return TypedResults.Json(report, EvaluationJson.Default.EvaluationReport);
    }

    private static void CheckTasks(string[] tasks)
    {
        if (tasks.Length == 0)
        {
            throw Problem.Field("tasks", $"expected at least one of {KnownTasks}, found none.");
        }
        if (tasks.FirstOrDefault(task => !EvaluationTasks.Names.Contains(task)) is string unknown)
        {
            throw Problem.Field("tasks", $"expected names among {KnownTasks}, found '{JsonWords.Shorten(unknown)}'.");
        }
    }

    /// <summary>The questions; what is missing for them is known before the model is asked any.</summary>
    private static EvaluationPlan Plan(EvaluationOptions options)
    {
        try
        {
            return EvaluationPlan.Of(options);
        }
        catch (UserError error)
        {
            // Data is missing for the questions, or only for the examples in front of them.
            throw Problem.Field(error.InnerException is MissingDataError ? "num_fewshot" : "tasks", error.Message);
        }
    }

    private static string KnownTasks => string.Join(", ", EvaluationTasks.ShortNames);
}
