using Factory.Core;
using Factory.Evals.Models;
using Factory.Evals.Reporting;
using Factory.Evals.Requests;
using Factory.Evals.Tasks;

namespace Factory.Evals;

/// <summary>Puts the questions of tasks to a model and reports the scores.</summary>
public static class EvaluationRunner
{
    /// <summary>Runs the tasks one after another.</summary>
    /// <param name="progress">Gets every answer's count, in order.</param>
    /// <exception cref="SettingError">A question cannot be asked of this model.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public static async Task<EvaluationRun> RunAsync(ILanguageModel model, EvaluationPlan plan, IProgress<EvaluationProgress>? progress, CancellationToken cancellationToken)
    {
        var tasks = new List<AnsweredTask>();
        int done = 0;
        foreach (PreparedTask task in plan.Tasks)
        {
            var count = new TaskProgress(progress, task.Task.Name, done, plan.RequestCount);
            count.Report(0);
            tasks.Add(await AskAsync(model, task, plan.Options.Shard, count, cancellationToken).ConfigureAwait(false));
            done += tasks[^1].Documents.Sum(document => document.Responses.Count);
        }
        return new EvaluationRun(EvaluationReport.From(plan, model.Description, [.. tasks.Select(task => TaskReport.From(task, plan.Options, cancellationToken))]), tasks);
    }

    private static async Task<AnsweredTask> AskAsync(ILanguageModel model, PreparedTask task, Shard shard, TaskProgress progress, CancellationToken cancellationToken)
    {
        IReadOnlyList<(int Place, TaskDocument Document)> documents = task.In(shard);
        try
        {
            IReadOnlyList<EvaluationResponse> responses =
                await model.AskAllAsync([.. documents.SelectMany(item => item.Document.Requests)], progress, cancellationToken).ConfigureAwait(false);
            return new AnsweredTask(task, Split(documents, responses));
        }
        catch (RequestError error)
        {
            int place = documents.SelectMany(item => item.Document.Requests.Select(_ => item.Place)).ElementAt(error.Request);
            throw new SettingError("tasks", FormattableString.Invariant($"{task.Task.Name}, document {place}: {error.Message}"), error);
        }
    }

    private static List<AnsweredDocument> Split(IReadOnlyList<(int Place, TaskDocument Document)> documents, IReadOnlyList<EvaluationResponse> responses)
    {
        var answered = new List<AnsweredDocument>(documents.Count);
        int next = 0;
        foreach ((int place, TaskDocument document) in documents)
        {
            int count = document.Requests.Count;
            answered.Add(new AnsweredDocument(place, document, [.. Enumerable.Range(next, count).Select(i => responses[i])]));
            next += count;
        }
        return answered;
    }

    /// <summary>Counts a task's answers on top of those before; <see cref="Progress{T}"/> would post and could arrive out of order.</summary>
    private sealed class TaskProgress(IProgress<EvaluationProgress>? whole, string task, int before, int total) : IProgress<int>
    {
        public void Report(int value) => whole?.Report(new EvaluationProgress(task, before + value, total));
    }
}
