namespace Factory.InferenceApi.Keys;

/// <summary>What a key must allow for an endpoint.</summary>
internal sealed record ScopeMetadata(Scope Scope);
