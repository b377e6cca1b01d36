using Factory.Runtime.Engine;

namespace Factory.Runtime.Tests.Engine;

public sealed class RequestQueueTests
{
    [Fact]
    public void Interactive_requests_go_first_in_order_of_arrival_and_batch_work_gets_its_turn()
    {
        var queue = new RequestQueue();
        List<Sequence> batch = [.. Enumerable.Range(0, 2).Select(_ => Add(queue, RequestPriority.Batch))];
        List<Sequence> interactive = [.. Enumerable.Range(0, 10).Select(_ => Add(queue, RequestPriority.Interactive))];
        List<Sequence> order = [];
        while (queue.Next(batchAllowed: true) is Sequence next)
        {
            queue.Remove(next);
            order.Add(next);
        }
        // Eight pass it, then one batch request; the rest likewise.
        Assert.Equal([.. interactive[..8], batch[0], .. interactive[8..], batch[1]], order);
    }

    [Fact]
    public void Batch_work_waits_while_it_may_have_no_slot()
    {
        var queue = new RequestQueue();
        Sequence batch = Add(queue, RequestPriority.Batch);
        Assert.Null(queue.Next(batchAllowed: false));
        Assert.Same(batch, queue.Next(batchAllowed: true));
    }

    [Fact]
    public void Cancelled_requests_leave_the_queue()
    {
        var queue = new RequestQueue();
        Sequence first = Add(queue, RequestPriority.Interactive);
        Sequence second = Add(queue, RequestPriority.Batch);
        first.Cancel();
        Assert.Equal([first], queue.RemoveCancelled());
        Assert.Same(second, queue.Next(batchAllowed: true));
    }

    private static Sequence Add(RequestQueue queue, RequestPriority priority)
    {
        var sequence = new Sequence(new InferenceRequest { PromptIds = [1], Priority = priority }, capacity: 10, () => { }, CancellationToken.None) { Trace = new RequestTrace(activity: null, submitted: 0) };
        queue.Add(sequence);
        return sequence;
    }
}
