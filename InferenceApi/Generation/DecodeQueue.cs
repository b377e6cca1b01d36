using Factory.InferenceApi.Hosting;
using Factory.InferenceApi.Problems;
using Factory.InferenceApi.Settings;
using Factory.InferenceApi.Telemetry;

namespace Factory.InferenceApi.Generation;

/// <summary>
/// How many requests are decoded at once, and how many may wait:
/// <code>request ─► admitted (MaxConcurrent + Queue places, else 429) ─► waits in order ─► decoding (MaxConcurrent places)</code>
/// </summary>
internal sealed class DecodeQueue(ServerOptions options, ServerMeters meters) : IDisposable
{
    private readonly SemaphoreSlim _admission = new(options.MaxConcurrent + options.Queue);
    private readonly SemaphoreSlim _decoding = new(options.MaxConcurrent);

    /// <summary>Waits for a turn, which lasts until the answer is disposed.</summary>
    /// <exception cref="RefusedException">429: the queue is full.</exception>
    /// <exception cref="OperationCanceledException">The client went away or the server stops; the place in the queue is free again.</exception>
    public async Task<IDisposable> EnterAsync(CancellationToken cancellationToken)
    {
        if (!_admission.Wait(0, CancellationToken.None))
        {
            meters.Refused("queue_full");
            throw Problem.TooMany(
                $"Expected room in the queue, found {options.MaxConcurrent} requests being answered and {options.Queue} waiting. Ask again later.",
                seconds: 1);
        }
        meters.Admitted(1);
        try
        {
            await _decoding.WaitAsync(cancellationToken);
        }
        catch
        {
            Leave();
            throw;
        }
        return new Turn(this);
    }

    public void Dispose()
    {
        _admission.Dispose();
        _decoding.Dispose();
    }

    private void Leave()
    {
        meters.Admitted(-1);
        _admission.Release();
    }

    private sealed class Turn(DecodeQueue queue) : IDisposable
    {
        public void Dispose()
        {
            queue._decoding.Release();
            queue.Leave();
        }
    }
}
