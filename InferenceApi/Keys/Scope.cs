using System.Text.Json.Serialization;

namespace Factory.InferenceApi.Keys;

/// <summary>What an API key allows.</summary>
internal enum Scope
{
    /// <summary>Any key: what is served, and the metrics.</summary>
    Any,

    /// <summary>Text, scores of texts, and tokens.</summary>
    Generate,

    /// <summary>Evaluations.</summary>
    Eval,

    /// <summary>Loading and unloading models. Includes the others.</summary>
    Admin,
}

/// <summary>"generate", "eval", "admin".</summary>
internal sealed class ScopeName() : JsonStringEnumConverter<Scope>(System.Text.Json.JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false);
