using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Factory.Core;
using Factory.Core.Text;
using Factory.Runtime.Engine;

namespace Factory.Runtime;

/// <summary>
/// Text on top of an <see cref="InferenceEngine"/>:
/// <code>prompt ─► ids ─► engine ─► token ─► characters ─► stop filter ─► piece</code>
/// Has no state between calls; safe for many threads.
/// </summary>
/// <param name="engine">Stays the caller's to dispose.</param>
/// <exception cref="UserError">The bundle has no tokenizer.</exception>
public sealed class TextEngine(InferenceEngine engine)
{
    private readonly TextTokenizer _tokenizer = engine.Model.Bundle.Tokenizer
        ?? throw new UserError($"{engine.Model.Bundle.Directory}: expected a tokenizer, which generating text needs, found none. "
            + $"Put one of {string.Join(", ", TextTokenizer.FileNames)} beside the weights before importing them.");

    /// <summary>The engine below.</summary>
    public InferenceEngine Engine { get; } = engine;

    /// <summary>Tokens that end a text: the model's, or else the tokenizer's.</summary>
    public IReadOnlyList<int> EndTokenIds { get; } = engine.Model.Bundle.Architecture.EosTokenIds is { Count: > 0 } ids ? ids
        : engine.Model.Bundle.Tokenizer?.EosTokenId is int eos ? [eos] : [];

    /// <summary>
    /// Token ids of a prompt, with BOS in front where the tokenizer has one. An empty prompt without BOS becomes EOS: documents end with it, so it is
    /// also what a new one follows. Empty only where there is neither.
    /// </summary>
    public int[] Encode(string prompt)
    {
        int[] ids = _tokenizer.Encode(prompt, addBos: true);
        return ids.Length == 0 && EndTokenIds is [int eos, ..] ? [eos] : ids;
    }

    /// <summary>Continues <paramref name="prompt"/>, see <see cref="Encode"/>. The text of the pieces follows the prompt directly: a space between them is given out.</summary>
    /// <inheritdoc cref="GenerateAsync(IReadOnlyList{int}, GenerationOptions, CancellationToken)"/>
    public IAsyncEnumerable<GeneratedPiece> GenerateAsync(string prompt, GenerationOptions? options = null, CancellationToken cancellationToken = default) =>
        GenerateAsync(Encode(prompt), options, cancellationToken);

    /// <summary>
    /// Continues <paramref name="promptIds"/>: one piece a token, the last of each choice with a finish reason. Queued at once; ending the enumeration
    /// early ends the generation.
    /// </summary>
    /// <exception cref="SettingError">An option is out of range, or the prompt is empty or leaves no room in the context window.</exception>
    /// <exception cref="InsufficientMemoryError">The request needs more KV cache than the engine has in all.</exception>
    /// <exception cref="QueueFullError">As many requests wait as may wait.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public IAsyncEnumerable<GeneratedPiece> GenerateAsync(IReadOnlyList<int> promptIds, GenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new GenerationOptions();
        options.Validate();
        if (options.Choices == 1)
        {
            return PiecesAsync(promptIds, options, 0, Submit(promptIds, options, 0, cancellationToken), cancellationToken);
        }
        // All are queued before any is read; when one is refused, those before it are left again.
        var all = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            return MergeAsync([.. Enumerable.Range(0, options.Choices).Select(choice => PiecesAsync(promptIds, options, choice, Submit(promptIds, options, choice, all.Token), all.Token))], all, cancellationToken);
        }
        catch
        {
            all.Cancel();
            all.Dispose();
            throw;
        }
    }

    private IAsyncEnumerable<TokenDelta> Submit(IReadOnlyList<int> promptIds, GenerationOptions options, int choice, CancellationToken cancellationToken) => Engine.SubmitAsync(
        new InferenceRequest
        {
            PromptIds = promptIds,
            MaxNewTokens = options.MaxNewTokens,
            MinNewTokens = options.MinNewTokens,
            StopIds = options.IgnoreEndOfText ? options.StopIds : [.. options.StopIds, .. EndTokenIds],
            Sampling = options.Sampling with { Seed = options.Sampling.Seed + (ulong)choice },
            LogProbabilities = options.LogProbabilities,
            Echo = options.Echo,
            Priority = options.Priority,
        },
        cancellationToken);

    private async IAsyncEnumerable<GeneratedPiece> PiecesAsync(
        IReadOnlyList<int> promptIds, GenerationOptions options, int choice, IAsyncEnumerable<TokenDelta> deltas, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var text = IncrementalDecoder.After(_tokenizer, options.Echo ? [] : promptIds);
        var filter = new StopFilter(options.Stop);
        int made = 0;
        await foreach (TokenDelta delta in deltas.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            made += delta.IsPrompt ? 0 : 1;
            bool ended = delta.Finish == FinishReason.Stop;
            bool stopsCount = !delta.IsPrompt && made >= options.MinNewTokens;
            string passed = ended ? "" : text.Append(delta.TokenId);
            passed = stopsCount ? filter.Append(passed) : passed;
            if (delta.Finish is not null)
            {
                passed += filter.Append(text.Flush());
                passed += filter.Flush();
            }
            FinishReason? finish = filter.Stopped ? FinishReason.Stop : delta.Finish;
            yield return new GeneratedPiece(passed, delta.TokenId, finish) { Choice = choice, IsPrompt = delta.IsPrompt, LogProbability = delta.LogProbability, Top = delta.Top };
            if (finish is not null)
            {
                yield break;
            }
        }
    }

    /// <summary>The pieces of all choices, in the order in which they come.</summary>
    private static async IAsyncEnumerable<GeneratedPiece> MergeAsync(
        IAsyncEnumerable<GeneratedPiece>[] choices, CancellationTokenSource all, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using CancellationTokenSource owned = all;
        Channel<GeneratedPiece> merged = Channel.CreateUnbounded<GeneratedPiece>(new UnboundedChannelOptions { SingleReader = true });
        Task readers = Task.WhenAll(choices.Select(PourAsync)).ContinueWith(
            done => merged.Writer.TryComplete(done.Exception?.InnerException), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        try
        {
            await foreach (GeneratedPiece piece in merged.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                yield return piece;
            }
        }
        finally
        {
            await all.CancelAsync().ConfigureAwait(false);
            await readers.ConfigureAwait(false);
        }

        async Task PourAsync(IAsyncEnumerable<GeneratedPiece> pieces)
        {
            await foreach (GeneratedPiece piece in pieces.WithCancellation(all.Token).ConfigureAwait(false))
            {
                merged.Writer.TryWrite(piece);
            }
        }
    }
}
