using Factory.Core;

namespace Factory.Runtime;

/// <summary>
/// Log-likelihood of continuations. Each result is that of one whole prefill, so it depends on nothing but the request; requests in a row that
/// differ in their last token only (the letters of a multiple-choice question) share it.
/// </summary>
public sealed class Scorer(LanguageModel model)
{
    /// <summary>
    /// ln p(<paramref name="continuation"/> | <paramref name="context"/>). As in lm-evaluation-harness, the last <c>window + 1</c> tokens of both together
    /// count and the last one is only predicted, so a long context loses its beginning.
    /// </summary>
    /// <exception cref="UserError">The context is empty, or the continuation is empty or longer than the context window.</exception>
    public LogLikelihood Score(IReadOnlyList<int> context, IReadOnlyList<int> continuation) => Score(context, continuation, new Prefill());

    /// <summary>Scores requests in order; results in the same order.</summary>
    /// <param name="progress">Gets how many are done.</param>
    /// <inheritdoc cref="Score(IReadOnlyList{int}, IReadOnlyList{int})"/>
    /// <exception cref="OperationCanceledException"><paramref name="ct"/> was cancelled.</exception>
    public IReadOnlyList<LogLikelihood> Score(IReadOnlyList<(int[] Context, int[] Continuation)> requests, IProgress<int>? progress, CancellationToken ct)
    {
        var results = new LogLikelihood[requests.Count];
        var prefill = new Prefill();
        for (int i = 0; i < results.Length; i++)
        {
            ct.ThrowIfCancellationRequested();
            results[i] = Score(requests[i].Context, requests[i].Continuation, prefill);
            progress?.Report(i + 1);
        }
        return results;
    }

    private LogLikelihood Score(IReadOnlyList<int> context, IReadOnlyList<int> continuation, Prefill prefill)
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
        float[] logits = prefill.Logits(model, input, input.Length - continuation.Count);
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

    /// <summary>The last run, kept for a request with the same input.</summary>
    private sealed class Prefill
    {
        private int[] _input = [];
        private int _from;
        private float[] _logits = [];

        public float[] Logits(LanguageModel model, int[] input, int from)
        {
            if (from != _from || !input.AsSpan().SequenceEqual(_input))
            {
                _logits = model.Logits(input, from);
                _input = input;
                _from = from;
            }
            return _logits;
        }
    }
}
