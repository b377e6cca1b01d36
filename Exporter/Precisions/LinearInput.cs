namespace Factory.Exporter.Precisions;

/// <summary>A layer's input as a precision wants it.</summary>
/// <param name="Values">(…, inputs).</param>
/// <param name="Scale">(…, 1): what every product is multiplied by afterwards; null for one.</param>
internal sealed record LinearInput(string Values, string? Scale);
