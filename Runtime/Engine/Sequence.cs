using System.Threading.Channels;

namespace Factory.Runtime.Engine;

/// <summary>
/// A request on its way through the engine:
/// <code>waiting ─► prefill, chunk by chunk ─► decode, a token a step ─► done (or cancelled, or failed, from anywhere)</code>
/// All but <see cref="Cancel"/> belongs to the engine's thread.
/// </summary>
internal sealed class Sequence : IDisposable
{
    // Unbounded, but never holds more than the request's own tokens: a reader that hangs holds up nobody.
    private readonly Channel<TokenDelta> _deltas = Channel.CreateUnbounded<TokenDelta>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
    private readonly Action _wake;
    private readonly CancellationTokenRegistration _registration;
    private readonly int[] _stopIds;
    private volatile bool _cancelled;

    /// <param name="capacity">Tokens that one sequence may have.</param>
    /// <param name="wake">Tells the engine's thread that something happened.</param>
    public Sequence(InferenceRequest request, int capacity, Action wake, CancellationToken cancellationToken)
    {
        _wake = wake;
        Request = request;
        Prompt = [.. request.PromptIds];
        _stopIds = [.. request.StopIds];
        Limit = Math.Min(request.MaxNewTokens, capacity - Prompt.Length);
        // The last token is chosen, never fed.
        ReservedTokens = Prompt.Length + Math.Max(0, Limit - 1);
        Sampler = new Sampler(request.Sampling);
        Sampler.Observe(Prompt);
        _registration = cancellationToken.UnsafeRegister(static state => ((Sequence)state!).Cancel(), this);
    }

    public InferenceRequest Request { get; }

    public required RequestTrace Trace { get; init; }

    public int[] Prompt { get; }

    /// <summary>Tokens that will be generated at most.</summary>
    public int Limit { get; }

    /// <summary>Tokens of KV cache that it may come to.</summary>
    public int ReservedTokens { get; }

    public Sampler Sampler { get; }

    public Slot? Slot { get; set; }

    /// <summary>Tokens in the KV cache.</summary>
    public int Position { get; set; }

    /// <summary>Tokens generated.</summary>
    public int Generated { get; private set; }

    /// <summary>The token to feed next.</summary>
    public int LastToken { get; private set; }

    public bool IsCancelled => _cancelled;

    public bool IsPrefilled => Position >= Prompt.Length;

    /// <summary>Whether logits are wanted at every token of the prompt.</summary>
    public bool NeedsPromptLogits => Request is { Echo: true, LogProbabilities: not null };

    public ChannelReader<TokenDelta> Reader => _deltas.Reader;

    /// <summary>From any thread; the engine lets go within a step.</summary>
    public void Cancel()
    {
        _cancelled = true;
        _wake();
    }

    /// <summary>Gives out the prompt's token at <paramref name="index"/>.</summary>
    /// <param name="logits">Those of the token before it, shape (vocabulary); empty for none.</param>
    /// <returns>Whether that was the last token of all.</returns>
    public bool EmitPrompt(int index, ReadOnlySpan<float> logits)
    {
        bool last = Limit == 0 && index == Prompt.Length - 1;
        Write(Prompt[index], last ? FinishReason.Length : null, isPrompt: true, logits);
        return last;
    }

    /// <summary>Chooses the next token and gives it out.</summary>
    /// <param name="logits">Shape (vocabulary).</param>
    /// <returns>Whether that was the last.</returns>
    public bool Accept(ReadOnlySpan<float> logits)
    {
        LastToken = Sampler.Next(logits, Generated < Request.MinNewTokens ? _stopIds : []);
        Generated++;
        FinishReason? finish = _stopIds.Contains(LastToken) ? FinishReason.Stop
            : Generated == Request.MaxNewTokens ? FinishReason.Length
            : Generated == Limit ? FinishReason.Context
            : null;
        Write(LastToken, finish, isPrompt: false, logits);
        return finish is not null;
    }

    private void Write(int token, FinishReason? finish, bool isPrompt, ReadOnlySpan<float> logits)
    {
        var delta = new TokenDelta(token, finish) { IsPrompt = isPrompt };
        if (Request.LogProbabilities is int count && !logits.IsEmpty)
        {
            var probabilities = LogProbabilities.FromLogits(logits);
            delta = delta with { LogProbability = probabilities.ForLogit(logits[token]), Top = probabilities.Top(logits, count) };
        }
        _deltas.Writer.TryWrite(delta);
    }

    public void Complete(Exception? error = null) => _deltas.Writer.TryComplete(error);

    public void Dispose() => _registration.Dispose();
}
