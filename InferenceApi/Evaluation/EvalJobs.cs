using System.Threading.Channels;
using Factory.InferenceApi.Problems;

namespace Factory.InferenceApi.Evaluation;

/// <summary>What can be done with jobs: ask for one, look, end it. <see cref="JobRunner"/> runs them.</summary>
internal sealed class EvalJobs(JobStore store, JobBoard board, TimeProvider time)
{
    private const int MostWaiting = 64;
    private const int RetrySeconds = 60;

    private readonly Channel<bool> _added = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Tells the runner that a job was added.</summary>
    public ChannelReader<bool> Added => _added.Reader;

    /// <summary>A new job, kept on the disk when this returns.</summary>
    /// <exception cref="RefusedException">429: too many wait. 503: it cannot be kept now.</exception>
    public EvalJob Add(EvalRequest request)
    {
        if (store.In(JobState.Queued).Count >= MostWaiting)
        {
            throw Problem.TooMany($"Expected at most {MostWaiting} waiting evaluations, found as many. Ask again later.", RetrySeconds);
        }
        DateTimeOffset now = time.GetUtcNow();
        var job = new EvalJob { Id = Guid.CreateVersion7(now).ToString("N"), State = JobState.Queued, Created = now, Request = request };
        store.Save(job);
        _added.Writer.TryWrite(true);
        return job;
    }

    /// <exception cref="RefusedException">404: there is no such job.</exception>
    public EvalJob Find(string id) => board.Find(id) ?? store.Find(id)
        ?? throw Problem.Refused(StatusCodes.Status404NotFound, $"Expected the id of an evaluation job (GET /eval lists them), found '{JsonWords.Shorten(id)}'.");

    public EvalJobList Latest() => new([.. store.Latest().Select(job => board.Find(job.Id) ?? job)]);

    /// <summary>Ends a job that waits at once, one that runs after the question in the making; one that is over stays what it is.</summary>
    public EvalJob Cancel(string id)
    {
        EvalJob job = Find(id);
        if (job.IsOver)
        {
            return job;
        }
        job = job with { State = JobState.Cancelled, Finished = time.GetUtcNow() };
        board.Show(job);
        store.Save(job);
        if (job.Progress is null)
        {
            board.Forget(id);
        }
        return job;
    }

    /// <summary>The job after each change, until it is over.</summary>
    public async IAsyncEnumerable<EvalJob> WatchAsync(string id, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            Task news = board.News;
            EvalJob job = Find(id);
            yield return job;
            if (job.IsOver)
            {
                yield break;
            }
            await news.WaitAsync(cancellationToken);
        }
    }
}
