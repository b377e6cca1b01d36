namespace Factory.Evals.Tokens;

/// <summary>Token ids that are given, and those that are scored after them.</summary>
public readonly record struct TokenPair(int[] Context, int[] Continuation);
