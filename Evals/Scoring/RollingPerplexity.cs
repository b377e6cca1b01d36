using Factory.Evals.Tasks;

namespace Factory.Evals.Scoring;

/// <summary>
/// Perplexities of whole texts: exp of the negative log-likelihood, summed over all texts, per word, byte or token. Words and bytes are
/// counted in the text itself, so models with different tokenizers can be compared; token perplexities only with the same tokenizer.
/// </summary>
internal static class RollingPerplexity
{
    public static MetricScore PerWord(double logLikelihood, IReadOnlyList<TaskDocument> documents) =>
        Of("word_perplexity", logLikelihood, documents.Cast<TextDocument>().Sum(document => (double)document.Words));

    public static MetricScore PerByte(double logLikelihood, IReadOnlyList<TaskDocument> documents) =>
        Of("byte_perplexity", logLikelihood, Bytes(documents));

    public static MetricScore PerToken(double logLikelihood, double tokens) => Of("token_perplexity", logLikelihood, tokens);

    /// <summary>log2 of the byte perplexity.</summary>
    public static MetricScore BitsPerByte(double logLikelihood, IReadOnlyList<TaskDocument> documents) =>
        new("bits_per_byte", -(logLikelihood / Bytes(documents)) / Math.Log(2), StandardError: null, HigherIsBetter: false);

    private static double Bytes(IReadOnlyList<TaskDocument> documents) => documents.Cast<TextDocument>().Sum(document => (double)document.Bytes);

    private static MetricScore Of(string metric, double logLikelihood, double units) =>
        new(metric, Math.Exp(-(logLikelihood / units)), StandardError: null, HigherIsBetter: false);
}
