using Factory.Core;

namespace Factory.Runtime;

/// <summary>
/// Log-likelihood of continuations. Each request is one whole prefill of its own, so that a result depends on nothing but the request.
/// </summary>
public sealed class Scorer(LanguageModel model)
{
    /// <summary>
    /// ln p(<paramref name="continuation"/> | <paramref name="context"/>). As in lm-evaluation-harness, the last <c>window + 1</c> tokens of both together
    /// count and the last one is only predicted, so a long context loses its beginning.
    /// </summary>
    /// <exception cref="UserError">The context is empty, or the continuation is empty or longer than the context window.</exception>
    public LogLikelihood Score(IReadOnlyList<int> context, IReadOnlyList<int> continuation)
    {
        int window = model.Bundle.Architecture.MaxPositions;
        if (context.Count == 0)
        {
            throw new UserError("context: expected at least one token (BOS or EOS where there is no text), found none.");
        }
        if (continuation.Count == 0 || continuation.Count > window)
        {
            throw new UserError($"continuation: expected from 1 to {window} tokens (the context window), found {continuation.Count}.");
        }
        int[] ids = [.. context, .. continuation];
        model.Check(ids);
        int dropped = Math.Max(0, ids.Length - (window + 1));
        int[] input = ids[dropped..^1];
        int vocabulary = model.Bundle.Architecture.VocabularySize;
        float[] logits = model.Logits(input, input.Length - continuation.Count);
        double sum = 0;
        bool greedy = true;
        for (int i = 0; i < continuation.Count; i++)
        {
            ReadOnlySpan<float> row = logits.AsSpan(i * vocabulary, vocabulary);
            int likeliest = ArgMax.Of(row);
            sum += row[continuation[i]] - LogSumExp.Of(row, row[likeliest]);
            greedy &= continuation[i] == likeliest;
        }
        return new LogLikelihood(sum, greedy, continuation.Count);
    }

    /// <summary>Scores requests in order; results in the same order.</summary>
    /// <param name="progress">Gets how many are done.</param>
    /// <inheritdoc cref="Score(IReadOnlyList{int}, IReadOnlyList{int})"/>
    /// <exception cref="OperationCanceledException"><paramref name="ct"/> was cancelled.</exception>
    public IReadOnlyList<LogLikelihood> Score(IReadOnlyList<(int[] Context, int[] Continuation)> requests, IProgress<int>? progress, CancellationToken ct)
    {
        var results = new LogLikelihood[requests.Count];
        for (int i = 0; i < results.Length; i++)
        {
            ct.ThrowIfCancellationRequested();
            results[i] = Score(requests[i].Context, requests[i].Continuation);
            progress?.Report(i + 1);
        }
        return results;
    }
}
