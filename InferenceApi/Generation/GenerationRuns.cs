using Factory.InferenceApi.Hosting;
using Factory.InferenceApi.Settings;
using Factory.InferenceApi.Telemetry;

namespace Factory.InferenceApi.Generation;

/// <summary>Starts the decoding of requests, each in its turn, each ended by whatever ends it first: its client, its time, the server.</summary>
internal sealed class GenerationRuns(DecodeQueue queue, ShutdownSignal shutdown, ServerOptions options, TimeProvider time, ServerMeters meters)
{
    /// <summary>Waits for a turn, which the request keeps until its answer is out.</summary>
    public async Task<GenerationRun> StartAsync(GenerationPlan plan, HttpContext context)
    {
        var stop = new StopReasons(options.MaxSeconds, time, context.RequestAborted, shutdown.Token);
        context.Response.RegisterForDispose(stop);
        long asked = time.GetTimestamp();
        context.Response.RegisterForDispose(await stop.GuardAsync(queue.EnterAsync(stop.Token)));
        return new GenerationRun(plan, time.GetElapsedTime(asked), time, meters, stop);
    }
}
