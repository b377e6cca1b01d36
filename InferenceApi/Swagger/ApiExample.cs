namespace Factory.InferenceApi.Swagger;

/// <summary>A body as it goes over the wire.</summary>
internal sealed record ApiExample(string Name, string Text, string MediaType = "application/json")
{
    /// <summary>Whether the body is text rather than JSON.</summary>
    public bool IsText => !MediaType.EndsWith("json", StringComparison.Ordinal);
}
