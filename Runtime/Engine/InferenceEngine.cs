using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Factory.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Factory.Runtime.Engine;

/// <summary>
/// Continuous batching: one loop decodes all running requests together, a token each a step; requests join and leave between steps.
/// <code>
/// SubmitAsync ─► queue ─► slot ─► prefill, in chunks between the steps ─► decode ─► token deltas
///                 │        └ when one is free, and memory for the whole request
///                 └ by priority, then in order of arrival
/// </code>
/// A request gets the same tokens alone and in a full batch. Readers are never waited for. Safe for many threads; it starts computing with the first
/// request and sleeps when there is none. Tokens only: <see cref="TextEngine"/> stands on it.
/// </summary>
public sealed class InferenceEngine : IDisposable
{
    private readonly EngineOptions _options;
    private readonly KvBuffers _buffers;
    private readonly EngineLoop _loop;
    private readonly ConcurrentQueue<Sequence> _submitted = new();
    private readonly ManualResetEventSlim _work = new();
    private readonly Thread _thread;
    private readonly ILogger<InferenceEngine> _log;
    private volatile bool _stopping;

    /// <param name="model">Stays the caller's to dispose, after the engine.</param>
    /// <param name="options">null for the defaults.</param>
    /// <param name="log">Hears of failures; null for none.</param>
    /// <param name="meters">Makes the meter "Factory.Runtime", with gen_ai.* and factory.*; null for one of the engine's own. Traces come from the activity source of that name.</param>
    /// <param name="time">Clock of measurements, which prefill is paced by; null for the system's.</param>
    /// <exception cref="SettingError">An option is out of range.</exception>
    /// <exception cref="InsufficientMemoryError">The KV cache does not hold a single sequence, or there is no memory for it.</exception>
    public InferenceEngine(LanguageModel model, EngineOptions? options = null, ILogger<InferenceEngine>? log = null, IMeterFactory? meters = null, TimeProvider? time = null)
    {
        _options = options ?? new EngineOptions();
        _options.Validate();
        Model = model;
        int window = model.Bundle.Architecture.MaxPositions;
        Capacity = _options.MaxSequenceTokens == 0 ? window : Math.Min(_options.MaxSequenceTokens, window);
        KvBudget budget = KvBudget.For(_options, model.Session, Capacity);
        _buffers = Allocate(ref budget);
        _log = log ?? NullLogger<InferenceEngine>.Instance;
        _loop = new EngineLoop(model, _buffers, new SlotTable(_buffers, budget.Tokens, _options.PrefixCache), time ?? TimeProvider.System, meters, _log);
        _thread = new Thread(Run) { IsBackground = true, Name = $"inference {model.Bundle.Name}" };
        _thread.Start();
        long megabytes = budget.Tokens * _buffers.BytesPerToken / 1_000_000;
        if (budget.Shortage is string shortage)
        {
            _log.StartedShort(model.Bundle.Name, budget.Slots, Capacity, megabytes, _options.MaxSequences, shortage);
        }
        else
        {
            _log.Started(model.Bundle.Name, budget.Slots, Capacity, megabytes);
        }
    }

    public LanguageModel Model { get; }

    /// <summary>Tokens that one sequence may have, prompt and continuation together.</summary>
    public int Capacity { get; }

    /// <summary>A snapshot, from any thread.</summary>
    public EngineStatistics Statistics => _loop.Statistics;

    /// <summary>
    /// Queues a request at once and gives its tokens as they come. Ending the enumeration early, or <paramref name="cancellationToken"/>, frees its slot
    /// within one step.
    /// </summary>
    /// <returns>A sequence that can be enumerated once.</returns>
    /// <exception cref="SettingError">The request is out of range; the message names the setting.</exception>
    /// <exception cref="InsufficientMemoryError">The request needs more KV cache than the engine has in all.</exception>
    /// <exception cref="QueueFullError">As many requests wait as may wait.</exception>
    /// <exception cref="OperationCanceledException">While enumerating: <paramref name="cancellationToken"/> was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The engine was disposed, before or while enumerating.</exception>
    public IAsyncEnumerable<TokenDelta> SubmitAsync(InferenceRequest request, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_stopping, this);
        request.Validate(Model.Bundle.Architecture.VocabularySize, Capacity);
        var sequence = new Sequence(request, Capacity, _work.Set, cancellationToken) { Trace = _loop.Telemetry.Begin(request) };
        try
        {
            _loop.RequireFits(sequence);
            _loop.EnterQueue(_options.MaxQueuedRequests);
        }
        catch (Exception error)
        {
            _loop.Telemetry.End(sequence.Trace, sequence.Prompt.Length, generated: 0, error);
            sequence.Dispose();
            throw;
        }
        _submitted.Enqueue(sequence);
        _work.Set();
        if (_stopping)
        {
            // The loop may have ended between the first look and the enqueueing.
            sequence.Complete(new ObjectDisposedException(nameof(InferenceEngine)));
        }
        return ReadAsync(sequence, cancellationToken);
    }

    /// <summary>Ends the loop after the step in the making; requests that wait or run end with <see cref="ObjectDisposedException"/>.</summary>
    public void Dispose()
    {
        if (!_stopping)
        {
            _stopping = true;
            _work.Set();
            _thread.Join();
            _buffers.Dispose();
            _loop.Telemetry.Dispose();
        }
    }

    /// <summary>Fewer slots rather than none.</summary>
    private KvBuffers Allocate(ref KvBudget budget)
    {
        while (true)
        {
            try
            {
                return new KvBuffers(Model.Session, budget.Slots, Capacity);
            }
            catch (InsufficientMemoryError) when (budget.Slots > 1)
            {
                budget = budget.Halved(Capacity);
            }
        }
    }

    private static async IAsyncEnumerable<TokenDelta> ReadAsync(Sequence sequence, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        try
        {
            await foreach (TokenDelta delta in sequence.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                // What is ready already would otherwise still be given out.
                cancellationToken.ThrowIfCancellationRequested();
                yield return delta;
            }
        }
        finally
        {
            sequence.Cancel();
        }
    }

    private void Run()
    {
        while (!_stopping)
        {
            _work.Reset();
            TakeSubmitted();
            try
            {
                if (!_loop.Step())
                {
                    _work.Wait();
                }
            }
            catch (Exception error)
            {
                // A fault outside of any one request's run: its effect on the others is unknown, so all hear of it, and the engine goes on with the next.
                _log.StepFailed(error, Model.Bundle.Name);
                _loop.FailAll(error);
            }
        }
        TakeSubmitted();
        _loop.FailAll(new ObjectDisposedException(nameof(InferenceEngine)));
    }

    private void TakeSubmitted()
    {
        while (_submitted.TryDequeue(out Sequence? sequence))
        {
            _loop.Add(sequence);
        }
    }
}
