namespace Factory.Exporter.Quantization;

/// <summary>
/// What flows through the layers: for each weight the sum of x·xᵀ over the inputs x that it met, which says how much an error in one of its columns
/// costs and which other columns can make up for it. All sums of a large model would be several times its weights, so they are gathered group by group,
/// when the first weight of a group is asked for, and go when the next group is.
/// </summary>
/// <param name="groups">Weights that are asked for one after the other.</param>
internal sealed class LayerStatistics(IReadOnlyList<ILayerGroup> groups)
{
    private ILayerGroup? _group;
    private IReadOnlyDictionary<string, float[]> _moments = new Dictionary<string, float[]>();

    /// <summary>The sum for the weight with that initialiser name, shape (inputs, inputs).</summary>
    public float[] ForWeight(string weight)
    {
        if (_group is null || !_group.Has(weight))
        {
            _group = groups.FirstOrDefault(group => group.Has(weight)) ?? throw new InvalidOperationException($"'{weight}' was not calibrated.");
            // Before the next ones are gathered.
            _moments = new Dictionary<string, float[]>();
            _moments = _group.Gather();
        }
        return _moments[weight];
    }
}
