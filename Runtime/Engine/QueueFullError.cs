namespace Factory.Runtime.Engine;

/// <summary>As many requests wait as may wait; ask again later (503 with Retry-After).</summary>
public sealed class QueueFullError(int waiting)
    : Exception(FormattableString.Invariant($"Expected room in the queue, found {waiting} requests waiting. Ask again later."))
{
    /// <summary>Requests that wait.</summary>
    public int Waiting { get; } = waiting;
}
