using Factory.InferenceApi.Problems;

namespace Factory.InferenceApi.Evaluation;

/// <summary>One evaluation at a time: it takes every core for minutes, and a second would only slow both.</summary>
internal sealed class EvalGate : IDisposable
{
    private const int RetrySeconds = 30;

    private readonly SemaphoreSlim _free = new(1);

    /// <summary>The right to evaluate, until disposed.</summary>
    /// <exception cref="RefusedException">503: another evaluation is running.</exception>
    public IDisposable Enter() => _free.Wait(0)
        ? new Turn(_free)
        : throw Problem.Later("Expected no other evaluation, found one running. Ask again when it is done.", RetrySeconds);

    public void Dispose() => _free.Dispose();

    private sealed class Turn(SemaphoreSlim free) : IDisposable
    {
        public void Dispose() => free.Release();
    }
}
