namespace Factory.Runtime.Engine;

/// <summary>A token and ln p(token | all before it), nats, as the model gives it: before penalties, bias and temperature.</summary>
public readonly record struct TokenLogProbability(int TokenId, float LogProbability);
