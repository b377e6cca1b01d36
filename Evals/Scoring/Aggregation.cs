namespace Factory.Evals.Scoring;

/// <summary>How the measurements of all documents become one score.</summary>
public enum Aggregation
{
    /// <summary>Mean of the values; standard error: sample deviation over √n.</summary>
    Mean,

    /// <summary>exp of the negative mean log-likelihood; standard error: bootstrap.</summary>
    Perplexity,

    /// <summary>exp(−Σ log-likelihoods / Σ weights); no standard error, as in the harness.</summary>
    WeightedPerplexity,

    /// <summary>log2 of the weighted perplexity; no standard error.</summary>
    Bits,
}
