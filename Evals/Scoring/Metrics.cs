using Factory.Evals.Requests;

namespace Factory.Evals.Scoring;

/// <summary>The metrics that tasks choose from.</summary>
internal static class Metrics
{
    /// <summary>The right choice is the likeliest.</summary>
    public static Metric Accuracy { get; } = Choice("acc", Scoring.Accuracy.Score);

    /// <summary>The right choice is the likeliest after dividing by its length in Unicode code points.</summary>
    public static Metric NormalizedAccuracy { get; } = Choice("acc_norm", (values, document) => Scoring.Accuracy.Score(Divide(values, document.Lengths), document));

    /// <summary>The right choice is the likeliest after dividing by its length in UTF-8 bytes.</summary>
    public static Metric ByteAccuracy { get; } = Choice("acc_bytes", (values, document) => Scoring.Accuracy.Score(Divide(values, document.Bytes), document));

    /// <summary>The one continuation is what the model would have written.</summary>
    public static Metric GreedyAccuracy { get; } = new("acc", true, Aggregation.Mean, (_, responses) => new(((LogLikelihoodResponse)responses[0]).IsGreedy ? 1 : 0));

    /// <summary>Perplexity of the one continuation.</summary>
    public static Metric Perplexity { get; } = new("perplexity", false, Aggregation.Perplexity, (_, responses) => new(((LogLikelihoodResponse)responses[0]).LogLikelihood));

    /// <summary>Perplexity per token: comparable between models with the same tokenizer only.</summary>
    public static Metric TokenPerplexity { get; } = Rolling("token_perplexity", Aggregation.WeightedPerplexity, (_, response) => response.Tokens);

    /// <summary>Perplexity per word of the text itself, whatever the tokenizer.</summary>
    public static Metric WordPerplexity { get; } = Rolling("word_perplexity", Aggregation.WeightedPerplexity, (document, _) => document.Words);

    /// <summary>Perplexity per UTF-8 byte of the text itself.</summary>
    public static Metric BytePerplexity { get; } = Rolling("byte_perplexity", Aggregation.WeightedPerplexity, (document, _) => document.Bytes);

    /// <summary>log2 of the byte perplexity.</summary>
    public static Metric BitsPerByte { get; } = Rolling("bits_per_byte", Aggregation.Bits, (document, _) => document.Bytes);

    /// <summary>The answer equals a reference after SQuAD's normalization.</summary>
    public static Metric ExactMatch { get; } = Written("exact_match", SquadScore.ExactMatch);

    /// <summary>Harmonic mean of precision and recall over the words of answer and reference, after SQuAD's normalization.</summary>
    public static Metric F1 { get; } = Written("f1", SquadScore.F1);

    private static Metric Choice(string name, Func<IReadOnlyList<double>, ChoiceDocument, double> measure) => new(name, true, Aggregation.Mean, (document, responses) =>
        new(measure([.. responses.Cast<LogLikelihoodResponse>().Select(response => response.LogLikelihood)], (ChoiceDocument)document)));

    private static Metric Rolling(string name, Aggregation aggregation, Func<TextDocument, RollingResponse, double> weight) => new(name, false, aggregation, (document, responses) =>
        new(((RollingResponse)responses[0]).LogLikelihood, weight((TextDocument)document, (RollingResponse)responses[0])));

    private static Metric Written(string name, Func<string, string, double> measure) => new(name, true, Aggregation.Mean, (document, responses) =>
        new(((GenerationDocument)document).References.Max(reference => measure(((GenerationResponse)responses[0]).Text, reference))));

    private static double[] Divide(IReadOnlyList<double> values, IReadOnlyList<int> lengths) => [.. values.Zip(lengths, (value, length) => value / length)];
}
