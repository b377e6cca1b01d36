namespace Factory.Exporter.Precisions;

/// <summary>What one or several weights read: made ready once for each precision among them.</summary>
internal sealed class LayerInput(string path, string values)
{
    private readonly Dictionary<Precision, LinearInput> _prepared = [];

    /// <summary>Where in the model it is made ready.</summary>
    public string Path { get; } = path;

    public string Values { get; } = values;

    public LinearInput For(Precision precision, Func<LinearInput> prepare)
    {
        if (!_prepared.TryGetValue(precision, out LinearInput? input))
        {
            input = prepare();
            _prepared.Add(precision, input);
        }
        return input;
    }
}
