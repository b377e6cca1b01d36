using Factory.InferenceApi.Validation;

namespace Factory.InferenceApi.Models;

/// <summary>Which model to load.</summary>
public sealed class LoadModelRequest
{
    /// <summary>Name of a bundle in the server's models folder.</summary>
    [Given("a string of well-formed Unicode")]
    public string? Name { get; set; }
}
