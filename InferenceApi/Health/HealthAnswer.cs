namespace Factory.InferenceApi.Health;

/// <summary>"live" or "ready".</summary>
internal sealed record HealthAnswer(string Status);
