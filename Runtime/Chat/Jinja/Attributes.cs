namespace Factory.Runtime.Chat.Jinja;

/// <summary>Methods and attributes of values. Those that would change a value are refused, as in Jinja's immutable sandbox.</summary>
internal static class Attributes
{
    private static readonly HashSet<string> Changing = ["append", "extend", "insert", "pop", "remove", "clear", "sort", "reverse", "update", "setdefault", "popitem"];

    /// <returns>null where there is none.</returns>
    public static object? Find(object value, string name, Budget budget)
    {
        if (name.StartsWith("__", StringComparison.Ordinal))
        {
            throw new ChatTemplateError($"access to attribute '{name}' of '{Values.KindOf(value)}' object is unsafe.");
        }
        if (value is List<object?> or DictValue && Changing.Contains(name) && !(value is DictValue dict && dict.TryGet(name, out _)))
        {
            throw new ChatTemplateError($"access to attribute '{name}' of '{Values.KindOf(value)}' object is unsafe.");
        }
        Func<Arguments, object?>? method = value switch
        {
            MarkedText text => TextMethods.Find(text, name, budget),
            DictValue members => FindIn(members, name),
            List<object?> or TupleValue => FindIn(value, name, budget),
            _ => null,
        };
        return method is not null ? new Callable(method) : value is LoopValue loop ? loop.Attribute(name) : null;
    }

    private static Func<Arguments, object?>? FindIn(DictValue dict, string name) => name switch
    {
        "get" => arguments => dict.TryGet(arguments.Required(0, "key"), out object? value) ? value : arguments.Get(1, "default", null),
        "items" => _ => dict.Items.Select(item => (object?)new TupleValue([item.Key, item.Value])).ToList(),
        "keys" => _ => dict.Keys.ToList(),
        "values" => _ => dict.Items.Select(item => item.Value).ToList(),
        "copy" => _ => dict,
        _ => null,
    };

    private static Func<Arguments, object?>? FindIn(object list, string name, Budget budget) => name switch
    {
        "count" => arguments => (long)Values.Iterate(list, budget).Count(item => Values.AreEqual(item, arguments.Required(0, "value"), budget)),
        "index" => arguments => Values.Iterate(list, budget).ToList().FindIndex(item => Values.AreEqual(item, arguments.Required(0, "value"), budget)) is >= 0 and int index
            ? (long)index
            : throw new ChatTemplateError("value is not in list"),
        "copy" when list is List<object?> => _ => list,
        _ => null,
    };
}
