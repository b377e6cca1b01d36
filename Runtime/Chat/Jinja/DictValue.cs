namespace Factory.Runtime.Chat.Jinja;

/// <summary>A Python dict: keys in the order they came. Templates cannot change it.</summary>
internal sealed class DictValue
{
    private readonly List<object?> _keys = [];
    private readonly Dictionary<(bool IsText, object Key), object?> _values = [];

    public int Count => _keys.Count;

    public IEnumerable<object?> Keys => _keys;

    public IEnumerable<KeyValuePair<object?, object?>> Items => _keys.Select(key => KeyValuePair.Create(key, _values[Normalized(key)]));

    public void Set(object? key, object? value)
    {
        if (!_values.ContainsKey(Normalized(key)))
        {
            _keys.Add(key);
        }
        _values[Normalized(key)] = value;
    }

    public bool TryGet(object? key, out object? value) => _values.TryGetValue(Normalized(key), out value);

    public bool TryGet(string key, out object? value) => _values.TryGetValue((true, key), out value);

    private static (bool, object) Normalized(object? key) => key switch
    {
        MarkedText text => (true, text.Text),
        null => (false, DBNull.Value),
        bool truth => (false, truth ? 1L : 0L),
        double number when number == Math.Floor(number) && Math.Abs(number) < 1e15 => (false, (long)number),
        long or double => (false, key),
        TupleValue tuple => (false, PythonText.Represent(tuple)),
        _ => throw new ChatTemplateError($"expected a key that is a text or a number, found {Values.KindOf(key)}."),
    };
}
