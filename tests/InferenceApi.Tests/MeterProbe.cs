using System.Diagnostics.Metrics;
using Factory.InferenceApi.Telemetry;
using Microsoft.Extensions.DependencyInjection;

namespace Factory.InferenceApi.Tests;

/// <summary>Listens to one server's meters, and waits for what they count.</summary>
internal sealed class MeterProbe : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly Lock _lock = new();
    private readonly List<(Func<bool> Reached, TaskCompletionSource Done)> _waits = [];
    private long _tokens;
    private int _admitted;
    private int _evaluating;

    public MeterProbe(TestServer server)
    {
        Meter meter = server.Services.GetRequiredService<IMeterFactory>().Create(ServerMeters.MeterName);
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter == meter)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => Count(() => _tokens += instrument.Name == "factory.generated_tokens" ? value : 0));
        _listener.SetMeasurementEventCallback<int>((instrument, change, _, _) => Count(() =>
        {
            _admitted += instrument.Name == "factory.admitted" ? change : 0;
            _evaluating += instrument.Name == "factory.evaluating" ? change : 0;
        }));
        _listener.Start();
    }

    public long GeneratedTokens => Interlocked.Read(ref _tokens);

    public Task TokensReach(long count) => Wait(() => _tokens >= count);

    /// <summary>Requests that are being decoded or wait for their turn.</summary>
    public Task AdmittedReaches(int count) => Wait(() => _admitted == count);

    /// <summary>Evaluations that are running.</summary>
    public Task EvaluatingReaches(int count) => Wait(() => _evaluating == count);

    public void Dispose() => _listener.Dispose();

    private Task Wait(Func<bool> reached)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            _waits.Add((reached, done));
        }
        Count(() => { });
        return done.Task.WaitAsync(TestContext.Current.CancellationToken);
    }

    private void Count(Action change)
    {
        lock (_lock)
        {
            change();
            foreach ((Func<bool> _, TaskCompletionSource done) in _waits.Where(wait => wait.Reached()))
            {
                done.TrySetResult();
            }
        }
    }
}
