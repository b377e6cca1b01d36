using Factory.Core;
using Factory.Evals;
using Factory.Evals.Data;
using Factory.Evals.Models;
using Factory.InferenceApi.Hosting;
using Factory.InferenceApi.Problems;
using Factory.InferenceApi.Settings;
using Factory.InferenceApi.Telemetry;
using Factory.Runtime;

namespace Factory.InferenceApi.Evaluation;

/// <summary>Evaluations as requests ask for them. What does not fit is told by the request's field; where the server keeps its data is its own business.</summary>
internal sealed class EvalRunner(ServerOptions server, ILogger<EvalRunner> log)
{
    /// <summary>The questions; what is missing for them is known before the model is asked any.</summary>
    /// <exception cref="RefusedException">400 that names the field.</exception>
    public EvaluationPlan Plan(EvalRequest request)
    {
        if (request.Tasks!.FirstOrDefault(task => !EvaluationTasks.Names.Contains(task)) is string unknown)
        {
            throw Problem.Field("tasks", $"expected names among {string.Join(", ", EvaluationTasks.ShortNames)}, found '{JsonWords.Shorten(unknown)}'.");
        }
        try
        {
            return EvaluationPlan.From(new EvaluationOptions
            {
                Tasks = request.Tasks!,
                Limit = request.Limit,
                NumFewshot = request.NumFewshot,
                DataDirectory = server.DataDirectory,
                TextFile = server.TextFile,
            });
        }
        catch (SettingError error)
        {
            // A setting that no request has is the server's: it has no text for perplexity, for example.
            throw error.Setting is "tasks" or "limit" or "num_fewshot" ? error : Problem.Field("tasks", $"expected tasks that this server is set up for: {ServerPaths.Hide(error.Problem, server)}");
        }
        catch (DataError error)
        {
            log.EvaluationRefused(error.Message);
            throw Problem.Field("tasks", error.Problem);
        }
    }

    /// <summary>Answers of jobs, so that one that was cut off asks nothing twice; null where they cannot be kept.</summary>
    public ResponseCache? OpenCache(LanguageModel model)
    {
        try
        {
            return ResponseCache.Open(Path.Combine(server.State, "responses.db"), new RuntimeLanguageModel(model).Description);
        }
        catch (SettingError error)
        {
            log.EvaluationRefused(error.Message);
            return null;
        }
    }

    /// <exception cref="RefusedException">400: a question cannot be asked of this model.</exception>
    public async Task<EvaluationReport> RunAsync(LanguageModel model, ResponseCache? cache, EvaluationPlan plan, IProgress<EvaluationProgress>? progress, CancellationToken cancellationToken)
    {
        try
        {
            EvaluationReport report = (await EvaluationRunner.RunAsync(cache is null ? new RuntimeLanguageModel(model) : new CachedLanguageModel(new RuntimeLanguageModel(model), cache), plan, progress, cancellationToken)).Report;
            // Which data, but not where it lies.
            return report with { Data = Path.GetFileName(report.Data) };
        }
        catch (UserError error) when (error is not SettingError and not InsufficientMemoryError)
        {
            log.EvaluationRefused(error.Message);
            throw Problem.Field("tasks", ServerPaths.Hide(error.Message, server));
        }
    }
}
