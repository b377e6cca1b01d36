using Factory.Core;

namespace Factory.Runtime.Analysis;

/// <summary>Log-likelihoods under a model without some of its blocks. Requests in a row that differ in their last token only share one run.</summary>
/// <param name="removed">Blocks that are left out (output = input), from zero; the others stay as they are.</param>
public sealed class PrunedScorer(AnalysisModel model, IReadOnlyCollection<int> removed)
{
    private int[] _input = [];
    private int _from;
    private float[] _logits = [];

    /// <summary>ln p(<paramref name="continuation"/> | <paramref name="context"/>); of both together the last <c>window + 1</c> tokens count, see <see cref="Scorer"/>.</summary>
    /// <exception cref="UserError">The context is empty, or the continuation is empty or longer than the context window.</exception>
    public LogLikelihood Score(IReadOnlyList<int> context, IReadOnlyList<int> continuation)
    {
        int window = model.Bundle.Architecture.MaxPositions;
        if (context.Count == 0 || continuation.Count == 0 || continuation.Count > window)
        {
            throw new UserError($"expected a context and a continuation of 1 to {window} tokens (the context window), found {context.Count} and {continuation.Count} tokens.");
        }
        int[] ids = [.. context, .. continuation];
        int[] input = ids[Math.Max(0, ids.Length - (window + 1))..^1];
        int from = input.Length - continuation.Count;
        if (from != _from || !input.AsSpan().SequenceEqual(_input))
        {
            (_input, _from, _logits) = (input, from, model.Logits(input, from, removed));
        }
        int vocabulary = model.Bundle.Architecture.VocabularySize;
        double sum = 0;
        bool greedy = true;
        for (int i = 0; i < continuation.Count; i++)
        {
            ReadOnlySpan<float> row = _logits.AsSpan(i * vocabulary, vocabulary);
            int likeliest = ArgMax.IndexOf(row);
            sum += row[continuation[i]] - LogSumExp.Compute(row, row[likeliest]);
            greedy &= continuation[i] == likeliest;
        }
        return new LogLikelihood(sum, greedy, continuation.Count);
    }
}
