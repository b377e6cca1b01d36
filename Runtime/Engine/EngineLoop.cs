using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace Factory.Runtime.Engine;

/// <summary>What the engine's thread does, one <see cref="Step"/> after the other: let go, admit, one run of prefill, one step of decoding.</summary>
internal sealed class EngineLoop
{
    private readonly KvBuffers _buffers;
    private readonly SlotTable _slots;
    private readonly TimeProvider _time;
    private readonly RequestQueue _queue = new();
    private readonly List<Sequence> _prefilling = [];
    private readonly List<Sequence> _decoding = [];
    private readonly PrefillPacer _pacer = new();
    private readonly PrefillBatch _batch;
    private readonly PrefillStep _prefill;
    private readonly DecodeStep _decode;
    private readonly long _limitBytes;
    private readonly ILogger _log;
    private readonly string _model;
    private TimeSpan _lastDecode;
    private int _budget;
    private bool _full;
    private int _waiting;
    private volatile EngineStatistics _statistics;

    public EngineLoop(LanguageModel model, KvBuffers buffers, SlotTable slots, TimeProvider time, IMeterFactory? meters, ILogger log)
    {
        _log = log;
        _model = model.Bundle.Name;
        Telemetry = new EngineTelemetry(meters, time, _model, () => Statistics);
        (_buffers, _slots, _time) = (buffers, slots, time);
        _batch = new PrefillBatch(model.Session.KvLayout.Chunks, buffers.Capacity);
        _prefill = new PrefillStep(model, buffers);
        _decode = new DecodeStep(model, buffers);
        _limitBytes = slots.BudgetTokens * buffers.BytesPerToken;
        _statistics = new EngineStatistics
        {
            Waiting = 0,
            Running = 0,
            Slots = buffers.Slots,
            KvCacheBytesUsed = 0,
            KvCacheBytesLimit = _limitBytes,
            BufferBytes = BufferBytes,
            PrefillTokens = 0,
            PrefillRuns = 0,
            PrefixCacheTokens = 0,
            GeneratedTokens = 0,
            DecodeSteps = 0,
        };
    }

    public EngineTelemetry Telemetry { get; }

    private long BufferBytes => _prefill.BufferBytes + _decode.BufferBytes;

    /// <summary>From any thread.</summary>
    public EngineStatistics Statistics => _statistics with { Waiting = Volatile.Read(ref _waiting) };

    /// <summary>From any thread: takes a place in the queue, which lasts until the sequence is admitted or ends.</summary>
    /// <exception cref="QueueFullError">As many wait as may wait and as could be admitted at once.</exception>
    public void EnterQueue(int limit)
    {
        int waiting = Interlocked.Increment(ref _waiting);
        if (waiting > limit + _buffers.Slots - _statistics.Running)
        {
            Interlocked.Decrement(ref _waiting);
            throw new QueueFullError(waiting - 1);
        }
    }

    /// <summary>From any thread.</summary>
    /// <exception cref="InsufficientMemoryError">The sequence would not even fit alone.</exception>
    public void RequireFits(Sequence sequence)
    {
        long need = sequence.ReservedTokens * _buffers.BytesPerToken;
        if (need > _limitBytes)
        {
            throw new InsufficientMemoryError(
                $"kv_cache: expected a request of at most {InsufficientMemoryError.Size(_limitBytes)} of KV cache, found one that may come to {InsufficientMemoryError.Size(need)} ({sequence.ReservedTokens} tokens). Ask for fewer tokens.");
        }
    }

    public void Add(Sequence sequence) => _queue.Add(sequence);

    /// <summary>Everything once.</summary>
    /// <returns>false when there was nothing to do.</returns>
    public bool Step()
    {
        DropCancelled();
        Admit();
        bool busy = _prefilling.Count + _decoding.Count > 0;
        if (_prefilling.Count > 0)
        {
            Prefill();
        }
        if (_decoding.Count > 0)
        {
            Decode();
        }
        _statistics = _statistics with { Running = _prefilling.Count + _decoding.Count, KvCacheBytesUsed = _slots.CommittedTokens * _buffers.BytesPerToken, BufferBytes = BufferBytes };
        return busy;
    }

    /// <summary>Ends everything that waits or runs.</summary>
    public void FailAll(Exception error)
    {
        foreach (Sequence sequence in _queue.Clear().Concat(_prefilling).Concat(_decoding).ToList())
        {
            End(sequence, error);
        }
    }

    private void DropCancelled()
    {
        foreach (Sequence sequence in _queue.RemoveCancelled().Concat(_prefilling.Concat(_decoding).Where(each => each.IsCancelled)).ToList())
        {
            End(sequence, new OperationCanceledException("The request was cancelled."));
        }
    }

    /// <summary>
    /// As many newcomers are in prefill as one run takes; a more urgent one overtakes them. One whose beginning is being computed for another waits for that.
    /// </summary>
    private void Admit()
    {
        // A share of the slots stays free for interactive requests.
        int forBatch = _buffers.Slots - Math.Max(_buffers.Slots > 1 ? 1 : 0, _buffers.Slots / 8);
        int free = _full ? 0 : _buffers.Slots - _prefilling.Count - _decoding.Count;
        _budget = _pacer.Budget(_prefilling.Count + Math.Min(free, _queue.Count), _decoding.Count);
        _full = false;
        while (!_full && _queue.Next(batchAllowed: _prefilling.Count + _decoding.Count < forBatch) is Sequence next && MayJoin(next))
        {
            _full = !_slots.TryTake(next);
            if (!_full)
            {
                _queue.Remove(next);
                Interlocked.Decrement(ref _waiting);
                int behind = _prefilling.FindIndex(other => other.Request.Priority > next.Request.Priority);
                _prefilling.Insert(behind < 0 ? _prefilling.Count : behind, next);
                _statistics = _statistics with { PrefixCacheTokens = _statistics.PrefixCacheTokens + next.Position };
            }
        }
    }

    private bool MayJoin(Sequence next) => _prefilling.Count == 0
        || next.Request.Priority < _prefilling[0].Request.Priority
        || (_batch.Fits([.. _prefilling, next], _budget) && !_slots.IsComputing(next.Prompt));

    private void Prefill()
    {
        List<Sequence> rows = _batch.Choose(_prefilling, _budget);
        int[] starts = [.. rows.Select(row => row.Position)];
        bool beside = _decoding.Count > 0;
        long start = _time.GetTimestamp();
        try
        {
            int tokens = _prefill.Run(rows, _budget);
            _statistics = _statistics with { PrefillTokens = _statistics.PrefillTokens + tokens, PrefillRuns = _statistics.PrefillRuns + 1 };
            if (beside)
            {
                _pacer.Observe(tokens, _time.GetElapsedTime(start), _lastDecode);
            }
        }
        catch (Exception error)
        {
            rows.ForEach(row => End(row, error));
            return;
        }
        for (int i = 0; i < rows.Count; i++)
        {
            Settle(rows[i], starts[i], _prefill.LastLogits(rows.Count - 1 - i));
        }
    }

    /// <summary>After a run of prefill.</summary>
    /// <param name="start">The position before it.</param>
    /// <param name="logits">Of the last token fed, shape (vocabulary).</param>
    private void Settle(Sequence sequence, int start, ReadOnlySpan<float> logits)
    {
        try
        {
            if (_prefill.Echo(sequence, start))
            {
                End(sequence, error: null);
            }
            else if (sequence.IsPrefilled)
            {
                _prefilling.Remove(sequence);
                _decoding.Add(sequence);
                Accept(sequence, logits);
            }
        }
        catch (Exception error)
        {
            End(sequence, error);
        }
        _pacer.Finished(sequence.IsPrefilled ? 1 : 0);
    }

    private void Decode()
    {
        Compact();
        long start = _time.GetTimestamp();
        Sequence[] batch = [.. _decoding.OrderBy(sequence => sequence.Slot!.Index)];
        try
        {
            _decode.Run(_slots.Slots, batch);
        }
        catch (Exception error)
        {
            foreach (Sequence sequence in batch)
            {
                End(sequence, error);
            }
            return;
        }
        _statistics = _statistics with { DecodeSteps = _statistics.DecodeSteps + 1 };
        for (int i = 0; i < batch.Length; i++)
        {
            Accept(batch[i], _decode.Logits(i));
        }
        _lastDecode = _time.GetElapsedTime(start);
    }

    /// <summary>Where more than a quarter of the rows are computed for nothing, the last sequence moves to the front.</summary>
    private void Compact()
    {
        while (_buffers.CanCopy)
        {
            Sequence last = _decoding.MaxBy(sequence => sequence.Slot!.Index)!;
            int rows = last.Slot!.Index + 1;
            Slot? hole = _slots.Slots.Take(rows).FirstOrDefault(slot => slot.Owner is null);
            if (hole is null || 4 * (rows - _decoding.Count) <= rows)
            {
                return;
            }
            _slots.Move(last.Slot, hole);
        }
    }

    private void Accept(Sequence sequence, ReadOnlySpan<float> logits)
    {
        try
        {
            bool done = sequence.Accept(logits);
            if (sequence.Generated == 1)
            {
                Telemetry.FirstToken(sequence.Trace);
            }
            _statistics = _statistics with { GeneratedTokens = _statistics.GeneratedTokens + 1 };
            if (done)
            {
                End(sequence, error: null);
            }
        }
        catch (Exception error)
        {
            End(sequence, error);
        }
    }

    private void End(Sequence sequence, Exception? error)
    {
        if (sequence.Slot is Slot slot)
        {
            _slots.Return(slot);
            sequence.Slot = null;
        }
        else
        {
            Interlocked.Decrement(ref _waiting);
        }
        _prefilling.Remove(sequence);
        _decoding.Remove(sequence);
        if (error is not null and not OperationCanceledException and not ObjectDisposedException)
        {
            _log.RequestFailed(error, _model);
        }
        Telemetry.End(sequence.Trace, sequence.Prompt.Length, sequence.Generated, error);
        sequence.Complete(error);
        sequence.Dispose();
    }
}
