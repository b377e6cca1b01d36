namespace Factory.Evals;

/// <summary>How likely is <paramref name="Continuation"/> after <paramref name="Context"/>?</summary>
public readonly record struct LogLikelihoodRequest(string Context, string Continuation);
