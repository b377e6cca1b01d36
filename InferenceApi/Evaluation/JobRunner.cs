using Factory.Evals;
using Factory.Evals.Models;
using Factory.Evals.Reporting;
using Factory.InferenceApi.Hosting;
using Factory.InferenceApi.Models;
using Factory.InferenceApi.Problems;
using Factory.InferenceApi.Telemetry;

namespace Factory.InferenceApi.Evaluation;

/// <summary>
/// Runs jobs one after another. A job that was cut off, by whatever, starts again with the next server and asks nothing twice: its answers are kept.
/// <code>queued ─► running ─► done | failed | cancelled
///    └──── the server stopped</code>
/// </summary>
internal sealed class JobRunner(
    EvalJobs jobs, JobStore store, JobBoard board, ModelRegistry models, EvalGate gate, EvalRunner runner, ShutdownSignal shutdown, TimeProvider time, ILogger<JobRunner> log) : BackgroundService
{
    private const int MostAttempts = 5;
    private static readonly TimeSpan RetryStore = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, shutdown.Token);
        try
        {
            await models.Default.Settled.WaitAsync(stop.Token);
            do
            {
                foreach (EvalJob job in Pending())
                {
                    EvalJob over;
                    using (await gate.EnterAsync(stop.Token))
                    {
                        over = await RunAsync(jobs.Find(job.Id), stop.Token);
                    }
                    // Whoever hears that it is over may evaluate at once.
                    await KeepAsync(over, stop.Token);
                }
            }
            while (await jobs.Added.WaitToReadAsync(stop.Token) && jobs.Added.TryRead(out _));
        }
        catch (OperationCanceledException)
        {
            // What runs or waits is taken up by the next server.
        }
    }

    /// <summary>Those that ran when a server ended come first.</summary>
    private IReadOnlyList<EvalJob> Pending()
    {
        try
        {
            return [.. store.In(JobState.Running), .. store.In(JobState.Queued)];
        }
        catch (RefusedException)
        {
            // Another server has the store; jobs are refused one by one.
            return [];
        }
    }

    private async Task<EvalJob> RunAsync(EvalJob job, CancellationToken cancellationToken)
    {
        if (job.IsOver)
        {
            return job;
        }
        job = job with { State = JobState.Running, Attempts = job.Attempts + 1, Progress = new JobProgress("", 0, 0), Tasks = [] };
        board.Show(job);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task watch = CancelWithAsync(job.Id, ended);
        EvalJob over;
        try
        {
            TrySave(job);
            if (job.Attempts > MostAttempts)
            {
                throw Problem.Refused(StatusCodes.Status500InternalServerError, $"It was begun {MostAttempts} times and never came to an end.");
            }
            EvaluationReport report = await Task.Run(() => ComputeAsync(job, ended.Token), CancellationToken.None);
            over = Now(job) with { State = JobState.Done, Report = report };
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (OperationCanceledException)
        {
            over = Now(job) with { State = JobState.Cancelled };
        }
        catch (Exception error)
        {
            RefusedException refused = ApiExceptionHandler.For(error, job.Id);
            if (refused.Problem.Status == StatusCodes.Status500InternalServerError)
            {
                log.RequestBroke(error, job.Id);
            }
            over = Now(job) with { State = JobState.Failed, Error = refused.Problem.Detail };
        }
        await ended.CancelAsync();
        await watch;
        return over with { Finished = time.GetUtcNow() };
    }

    private EvalJob Now(EvalJob job) => board.Find(job.Id) ?? job;

    /// <summary>Task by task, so that the scores of one are there while the next runs; then all together from the answers kept.</summary>
    private async Task<EvaluationReport> ComputeAsync(EvalJob job, CancellationToken cancellationToken)
    {
        using ModelLease lease = models.Find(job.Request.Model).RentText();
        EvaluationPlan plan = runner.Plan(job.Request);
        using ResponseCache? cache = runner.OpenCache(lease.Model);
        if (cache is null)
        {
            return await runner.RunAsync(lease.Model, null, plan, Progress(job.Id, 0, plan.RequestCount), cancellationToken);
        }
        int done = 0;
        foreach (string task in plan.Tasks.Select(task => task.Task.Name))
        {
            EvaluationPlan one = runner.Plan(new EvalRequest { Tasks = [task], Limit = job.Request.Limit, NumFewshot = job.Request.NumFewshot });
            EvaluationReport report = await runner.RunAsync(lease.Model, cache, one, Progress(job.Id, done, plan.RequestCount), cancellationToken);
            done += one.RequestCount;
            Change(job.Id, job => job with { Tasks = (IReadOnlyList<TaskReport>)[.. job.Tasks, .. report.Tasks] });
            TrySave(Now(job));
        }
        return await runner.RunAsync(lease.Model, cache, plan, progress: null, cancellationToken);
    }

    private Report Progress(string id, int before, int total) => new(progress => Change(id, job => job with { Progress = new JobProgress(progress.Task, before + progress.Done, total) }));

    private void Change(string id, Func<EvalJob, EvalJob> change)
    {
        if (board.Find(id) is EvalJob { State: JobState.Running } job)
        {
            board.Show(change(job));
        }
    }

    /// <summary>Somebody shows the job as cancelled on the board; that ends the work.</summary>
    private async Task CancelWithAsync(string id, CancellationTokenSource ended)
    {
        while (!ended.IsCancellationRequested)
        {
            Task news = board.News;
            if (board.Find(id) is { State: JobState.Cancelled })
            {
                await ended.CancelAsync();
                return;
            }
            await Task.WhenAny(news, Task.Delay(Timeout.Infinite, ended.Token));
        }
    }

    /// <summary>How far it is can be lost; the result cannot.</summary>
    private void TrySave(EvalJob job)
    {
        try
        {
            store.Save(job);
        }
        catch (RefusedException)
        {
            // Logged by the store.
        }
    }

    private async Task KeepAsync(EvalJob job, CancellationToken cancellationToken)
    {
        board.Show(job);
        while (true)
        {
            try
            {
                store.Save(job);
                board.Forget(job.Id);
                return;
            }
            catch (RefusedException)
            {
                await Task.Delay(RetryStore, time, cancellationToken);
            }
        }
    }

    private sealed class Report(Action<EvaluationProgress> report) : IProgress<EvaluationProgress>
    {
        void IProgress<EvaluationProgress>.Report(EvaluationProgress value) => report(value);
    }
}
