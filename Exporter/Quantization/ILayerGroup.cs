namespace Factory.Exporter.Quantization;

/// <summary>Weights whose statistics are gathered together.</summary>
internal interface ILayerGroup
{
    bool Has(string weight);

    /// <summary>Σ x·xᵀ by weight, shape (inputs, inputs); weights that read the same input share one.</summary>
    IReadOnlyDictionary<string, float[]> Gather();
}
