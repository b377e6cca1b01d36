using System.Globalization;

namespace Factory.Runtime.Chat.Jinja;

/// <summary>The functions that every template sees.</summary>
internal static class Globals
{
    private const long MaximumRange = 100_000;

    public static Scope Create(Budget budget, TimeProvider time)
    {
        var scope = new Scope(null);
        scope.Set("range", new Callable(Range));
        scope.Set("dict", new Callable(arguments => Dict(arguments, budget)));
        scope.Set("namespace", new Callable(arguments =>
        {
            var space = new NamespaceValue();
            foreach (KeyValuePair<object?, object?> item in Dict(arguments, budget).Items)
            {
                space.Attributes[Allowed(Values.AsText(item.Key, "namespace").Text)] = item.Value;
            }
            return space;
        }));
        scope.Set("raise_exception", new Callable(arguments => throw new ChatTemplateError(PythonText.FromValue(arguments.Required(0, "message")).Text)));
        scope.Set("strftime_now", new Callable(arguments => MarkedText.Template(ClockText.Format(time.GetLocalNow(), arguments.Text(0, "format").Text))));
        scope.Set("joiner", new Callable(arguments => Joiner(arguments.Has(0, "sep") ? arguments.Text(0, "sep") : MarkedText.Template(", "))));
        return scope;
    }

    /// <exception cref="ChatTemplateError">The name is Python's own.</exception>
    public static string Allowed(string attribute) => attribute.StartsWith('_')
        ? throw new ChatTemplateError($"Chat templates cannot store underscore-prefixed attributes on a namespace, but got '{attribute}'.")
        : attribute;

    private static List<object?> Range(Arguments arguments)
    {
        long first = arguments.Whole(0, "stop", 0);
        (long start, long stop, long step) = arguments.Positional.Count < 2 ? (0, first, 1) : (first, arguments.Whole(1, "stop", 0), arguments.Whole(2, "step", 1));
        if (step == 0)
        {
            throw new ChatTemplateError("range() arg 3 must not be zero");
        }
        double count = Math.Ceiling(((double)stop - start) / step);
        if (count > MaximumRange)
        {
            throw new ChatTemplateError(string.Create(CultureInfo.InvariantCulture, $"Range too big. The sandbox blocks ranges larger than MAX_RANGE ({MaximumRange})."));
        }
        return Enumerable.Range(0, Math.Max((int)count, 0)).Select(i => (object?)(start + (i * step))).ToList();
    }

    private static DictValue Dict(Arguments arguments, Budget budget)
    {
        var dict = new DictValue();
        foreach (object? source in arguments.Positional)
        {
            IEnumerable<KeyValuePair<object?, object?>> items = source is DictValue other ? other.Items : Values.Iterate(source, budget).Select(pair =>
                Values.Iterate(pair, budget).ToList() is [var key, var value] ? KeyValuePair.Create(key, value) : throw new ChatTemplateError("dict: expected pairs"));
            foreach (KeyValuePair<object?, object?> item in items)
            {
                dict.Set(item.Key, item.Value);
            }
        }
        foreach ((string name, object? value) in arguments.Named)
        {
            dict.Set(MarkedText.Template(name), value);
        }
        return dict;
    }

    private static Callable Joiner(MarkedText separator)
    {
        bool used = false;
        return new Callable(_ =>
        {
            MarkedText text = used ? separator : MarkedText.Empty;
            used = true;
            return text;
        });
    }
}
