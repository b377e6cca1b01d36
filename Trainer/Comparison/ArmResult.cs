namespace Factory.Trainer.Comparison;

/// <summary>What one run of a comparison came to.</summary>
/// <param name="Run">Its directory, relative to the comparison's.</param>
/// <param name="Perplexity">Of the last validation; null where it was not finite, or never measured.</param>
/// <param name="BestPerplexity">Of the best validation.</param>
/// <param name="Diverged">Stopped by the divergence guard, or no better than the frequencies of the validation's tokens and no longer falling.</param>
/// <param name="BlockOutputVariance">Of the last validation.</param>
/// <param name="TokensPerSecond">Median over the steps.</param>
public sealed record ArmResult(
    string Method, ulong Seed, string Run, long Steps, long Tokens, double? Perplexity, double? BestPerplexity, bool Diverged, IReadOnlyList<double>? BlockOutputVariance, double TokensPerSecond);
