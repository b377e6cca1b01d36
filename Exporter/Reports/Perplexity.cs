using System.Numerics.Tensors;
using Factory.Runtime;

namespace Factory.Exporter.Reports;

/// <summary>exp of the mean negative log-likelihood of each token but a sequence's first, given those before it.</summary>
internal static class Perplexity
{
    public static double Measure(IProbedModel model, TextSample text, CancellationToken cancellationToken)
    {
        double sum = 0;
        foreach (int[] ids in text.Sequences)
        {
            cancellationToken.ThrowIfCancellationRequested();
            float[] logits = model.Logits(ids.AsSpan(0, ids.Length - 1).ToArray()); // (time - 1, vocabulary)
            int vocabulary = logits.Length / (ids.Length - 1);
            for (int position = 0; position + 1 < ids.Length; position++)
            {
                ReadOnlySpan<float> row = logits.AsSpan(position * vocabulary, vocabulary);
                sum += LogSumExp(row) - row[ids[position + 1]];
            }
        }
        return Math.Exp(sum / Tokens(text));
    }

    /// <summary>Tokens that are predicted.</summary>
    public static int Tokens(TextSample text) => text.Sequences.Sum(ids => ids.Length - 1);

    private static double LogSumExp(ReadOnlySpan<float> row)
    {
        float largest = TensorPrimitives.Max(row);
        double sum = 0;
        foreach (float logit in row)
        {
            sum += Math.Exp(logit - largest);
        }
        return largest + Math.Log(sum);
    }
}
