using Factory.InferenceApi.Settings;
namespace Factory.InferenceApi.Hosting;

/// <summary>Cancels work that is still going on <see cref="ServerOptions.Drain"/> after the server was told to stop.</summary>
internal sealed class ShutdownSignal : IDisposable
{
    private readonly CancellationTokenSource _source;

    public ShutdownSignal(IHostApplicationLifetime lifetime, ServerOptions options, TimeProvider time)
    {
        _source = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        lifetime.ApplicationStopping.Register(() => _source.CancelAfter(options.Drain));
    }

    public CancellationToken Token => _source.Token;

    public void Dispose() => _source.Dispose();
}
