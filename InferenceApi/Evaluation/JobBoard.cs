using System.Collections.Concurrent;

namespace Factory.InferenceApi.Evaluation;

/// <summary>What is known of jobs of this process beyond the store: how far the running one is, and whoever waits for news.</summary>
internal sealed class JobBoard
{
    private readonly ConcurrentDictionary<string, EvalJob> _latest = new();
    private TaskCompletionSource _news = NewSource();

    /// <summary>The job as it is now, if it changed in this process and is not kept yet.</summary>
    public EvalJob? Find(string id) => _latest.GetValueOrDefault(id);

    public IEnumerable<EvalJob> All => _latest.Values;

    /// <summary>Ends with the next change of any job.</summary>
    public Task News => Volatile.Read(ref _news).Task;

    public void Show(EvalJob job)
    {
        _latest[job.Id] = job;
        Tell();
    }

    /// <summary>The store has it.</summary>
    public void Forget(string id)
    {
        _latest.TryRemove(id, out _);
        Tell();
    }

    private void Tell() => Interlocked.Exchange(ref _news, NewSource()).TrySetResult();

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
