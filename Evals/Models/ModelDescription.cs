namespace Factory.Evals.Models;

/// <summary>What was scored: part of a report's provenance. What does not apply is null.</summary>
/// <param name="Name">Name of the bundle's directory, or of the model at a server.</param>
/// <param name="BundleSha256">Content hash of the bundle's manifest.</param>
/// <param name="NormScheme">Spelling as in config.json.</param>
/// <param name="Provider">"cpu" or "cuda".</param>
/// <param name="TokenizerSha256">Hash of the tokenizer's file.</param>
/// <param name="Endpoint">The server that answered.</param>
public sealed record ModelDescription(
    string Name, string? BundleSha256 = null, string? NormScheme = null, string? Provider = null, string? TokenizerSha256 = null, string? Endpoint = null);
