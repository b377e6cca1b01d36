using Factory.InferenceApi.Problems;
using Factory.InferenceApi.Telemetry;

namespace Factory.InferenceApi.Evaluation;

/// <summary>One evaluation at a time: it takes every core for minutes, and a second would only slow both.</summary>
internal sealed class EvalGate(ServerMeters meters) : IDisposable
{
    private const int RetrySeconds = 30;

    private readonly SemaphoreSlim _free = new(1);

    /// <summary>The right to evaluate, until disposed.</summary>
    /// <exception cref="RefusedException">503: another evaluation is running.</exception>
    public IDisposable Enter()
    {
        if (!_free.Wait(0))
        {
            throw Problem.Later("Expected no other evaluation, found one running. Ask again when it is done.", RetrySeconds);
        }
        meters.Evaluating(1);
        return new Turn(this);
    }

    /// <summary>The same, once it is free.</summary>
    public async Task<IDisposable> EnterAsync(CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken);
        meters.Evaluating(1);
        return new Turn(this);
    }

    public void Dispose() => _free.Dispose();

    private void Leave()
    {
        meters.Evaluating(-1);
        _free.Release();
    }

    private sealed class Turn(EvalGate gate) : IDisposable
    {
        public void Dispose() => gate.Leave();
    }
}
