using Factory.Core;
using Factory.Core.Text;

namespace Factory.Runtime;

/// <summary>
/// Continues a text token by token:
/// <code>prompt ─► prefill ─► ┌► sample ─► token ─► text ─► stop filter ─► piece
///                     └─ decode ◄─┘ until a stop string, an end token, enough tokens, or a full context window</code>
/// Has no state between calls; several threads may use it at once.
/// </summary>
public sealed class TextGenerator(LanguageModel model)
{
    private readonly TextTokenizer _tokenizer = model.Bundle.Tokenizer
        ?? throw new UserError($"{model.Bundle.Directory}: expected a tokenizer, which generating text needs, found none. "
            + $"Put one of {string.Join(", ", TextTokenizer.FileNames)} beside the weights before importing them.");

    /// <summary>Continues <paramref name="prompt"/>, see <see cref="Encode"/>. The text of the pieces follows the prompt directly: a space between them is given out.</summary>
    /// <inheritdoc cref="Generate(IReadOnlyList{int}, GenerationOptions, CancellationToken)"/>
    public IEnumerable<GeneratedPiece> Generate(string prompt, GenerationOptions options, CancellationToken ct) => Generate(Encode(prompt), options, ct);

    /// <summary>
    /// Token ids of a prompt, with BOS in front where the tokenizer has one. An empty prompt without BOS becomes EOS: documents end with it, so it is
    /// also what a new one follows. Empty only where there is neither.
    /// </summary>
    public int[] Encode(string prompt)
    {
        int[] ids = _tokenizer.Encode(prompt, addBos: true);
        return ids.Length == 0 && EndTokens() is [int eos, ..] ? [eos] : ids;
    }

    /// <summary>Continues <paramref name="promptIds"/>: one piece a token, the last with a finish reason.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    /// <exception cref="UserError">The prompt is empty or leaves no room in the context window.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="ct"/> was cancelled.</exception>
    public IEnumerable<GeneratedPiece> Generate(IReadOnlyList<int> promptIds, GenerationOptions options, CancellationToken ct)
    {
        options.Validate();
        int window = model.Bundle.Architecture.MaxPositions;
        if (promptIds.Count == 0 || promptIds.Count >= window)
        {
            throw new UserError($"prompt: expected from 1 to {window - 1} tokens (the context window holds {window}), found {promptIds.Count}.");
        }
        return Steps(promptIds, options, ct);
    }

    private IEnumerable<GeneratedPiece> Steps(IReadOnlyList<int> promptIds, GenerationOptions options, CancellationToken ct)
    {
        int room = model.Bundle.Architecture.MaxPositions - promptIds.Count;
        int count = Math.Min(options.MaxNewTokens, room);
        IReadOnlyList<int> ends = EndTokens();
        var sampler = new Sampler(options.Sampling);
        sampler.Observe(promptIds);
        var text = IncrementalDecoder.After(_tokenizer, promptIds);
        var filter = new StopFilter(options.Stop);
        // The last token is chosen, never fed.
        using KvCache cache = model.NewCache(promptIds.Count + count - 1);
        float[] logits = model.Prefill(cache, promptIds, ct);
        for (int made = 1; ; made++)
        {
            int token = sampler.Next(logits);
            bool ended = ends.Contains(token);
            string passed = ended ? "" : filter.Append(text.Append(token));
            if (ended || made == count)
            {
                passed += filter.Append(text.Flush());
                passed += filter.Flush();
            }
            FinishReason? finish = ended || filter.Stopped ? FinishReason.Stop
                : made == options.MaxNewTokens ? FinishReason.Length
                : made == room ? FinishReason.Context
                : null;
            yield return new GeneratedPiece(passed, token, finish);
            if (finish is not null)
            {
                yield break;
            }
            ct.ThrowIfCancellationRequested();
            logits = model.Append(cache, [token]);
        }
    }

    /// <summary>Tokens that end a text: the model's, or else the tokenizer's.</summary>
    private IReadOnlyList<int> EndTokens() => model.Bundle.Architecture.EosTokenIds is { Count: > 0 } ids ? ids : _tokenizer.EosTokenId is int eos ? [eos] : [];
}
