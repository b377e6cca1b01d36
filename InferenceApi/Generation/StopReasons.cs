using Factory.InferenceApi.Problems;

namespace Factory.InferenceApi.Generation;

/// <summary>What can end a request early: its client hangs up, its time is over, the server stops.</summary>
internal sealed class StopReasons : IDisposable
{
    private readonly CancellationToken _shutdown;
    private readonly CancellationTokenSource _deadline;
    private readonly CancellationTokenSource _any;
    private readonly int? _seconds;

    public StopReasons(int? seconds, TimeProvider time, CancellationToken client, CancellationToken shutdown)
    {
        (_shutdown, _seconds) = (shutdown, seconds);
        _deadline = new CancellationTokenSource(seconds is int limit ? TimeSpan.FromSeconds(limit) : Timeout.InfiniteTimeSpan, time);
        _any = CancellationTokenSource.CreateLinkedTokenSource(client, shutdown, _deadline.Token);
    }

    public CancellationToken Token => _any.Token;

    /// <summary>What a cancellation means to the client.</summary>
    public Exception Explain(OperationCanceledException cancelled) => _deadline.IsCancellationRequested && !_shutdown.IsCancellationRequested
        ? Problem.Refused(StatusCodes.Status503ServiceUnavailable, $"Expected an answer within {_seconds} seconds, the most that this server gives to one; ask for fewer tokens.")
        : cancelled;

    public async Task<T> GuardAsync<T>(Task<T> work)
    {
        try
        {
            return await work;
        }
        catch (OperationCanceledException cancelled)
        {
            throw Explain(cancelled);
        }
    }

    public void Dispose()
    {
        _any.Dispose();
        _deadline.Dispose();
    }
}
