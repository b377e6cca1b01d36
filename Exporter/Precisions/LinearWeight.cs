namespace Factory.Exporter.Precisions;

/// <summary>A linear layer's weight, folded but not yet stored.</summary>
/// <param name="Name">The initialiser's name: the parameter's, or that of the parameters packed into it.</param>
/// <param name="Rows">Gives the values, shape (outputs, inputs), row-major; called at most once for a file.</param>
internal sealed record LinearWeight(string Name, int Outputs, int Inputs, Func<float[]> Rows);
