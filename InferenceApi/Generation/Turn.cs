using Factory.InferenceApi.Hosting;

namespace Factory.InferenceApi.Generation;

/// <summary>A request's turn to be decoded: how long it waited for it, and what may end it early.</summary>
internal sealed record Turn(TimeSpan Waiting, StopReasons Stop);

/// <summary>Gives requests their turns, in order, a bounded number at once.</summary>
internal sealed class Turns(DecodeQueue queue, ShutdownSignal shutdown, Settings.ServerOptions options, TimeProvider time)
{
    /// <summary>Waits for a turn, which the request keeps until its answer is out.</summary>
    public async Task<Turn> TakeAsync(HttpContext context)
    {
        var stop = new StopReasons(options.MaxSeconds, time, context.RequestAborted, shutdown.Token);
        context.Response.RegisterForDispose(stop);
        long asked = time.GetTimestamp();
        context.Response.RegisterForDispose(await stop.GuardAsync(queue.EnterAsync(stop.Token)));
        return new Turn(time.GetElapsedTime(asked), stop);
    }
}
