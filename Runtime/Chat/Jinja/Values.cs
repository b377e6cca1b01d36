using System.Globalization;
using System.Text;

namespace Factory.Runtime.Chat.Jinja;

/// <summary>
/// What Python's operators do to a template's values: null (None), <see cref="Undefined"/>, bool, long, double, <see cref="MarkedText"/>, List,
/// <see cref="TupleValue"/>, <see cref="DictValue"/>, <see cref="NamespaceValue"/>, <see cref="Callable"/>, <see cref="LoopValue"/>.
/// </summary>
internal static class Values
{
    public static string KindOf(object? value) => value switch
    {
        null => "NoneType",
        bool => "bool",
        long => "int",
        double => "float",
        MarkedText => "str",
        List<object?> => "list",
        TupleValue => "tuple",
        DictValue => "dict",
        _ => value.GetType().Name,
    };

    public static bool IsTrue(object? value) => value switch
    {
        null or Undefined or false or 0L or 0.0 => false,
        MarkedText text => text.Length > 0,
        List<object?> list => list.Count > 0,
        TupleValue tuple => tuple.Items.Count > 0,
        DictValue dict => dict.Count > 0,
        _ => true,
    };

    public static bool AreEqual(object? left, object? right, Budget budget)
    {
        budget.Spend();
        return (left, right) switch
        {
            (null, null) or (Undefined, Undefined) => true,
            (MarkedText a, MarkedText b) => a.Text == b.Text,
            (bool or long or double, bool or long or double) => left is double || right is double ? AsNumber(left) == AsNumber(right) : AsLong(left) == AsLong(right),
            (List<object?> or TupleValue, List<object?> or TupleValue) when left.GetType() == right.GetType() =>
                Iterate(left, budget).ToList() is var a && Iterate(right, budget).ToList() is var b && a.Count == b.Count && a.Zip(b).All(pair => AreEqual(pair.First, pair.Second, budget)),
            (DictValue a, DictValue b) => a.Count == b.Count && a.Items.All(item => b.TryGet(item.Key, out object? other) && AreEqual(item.Value, other, budget)),
            _ => ReferenceEquals(left, right),
        };
    }

    public static int Compare(object? left, object? right, Budget budget)
    {
        switch (left, right)
        {
            case (MarkedText a, MarkedText b):
                return CompareCodePoints(a.Text, b.Text);
            case (bool or long or double, bool or long or double):
                return left is double || right is double ? AsNumber(left).CompareTo(AsNumber(right)) : AsLong(left).CompareTo(AsLong(right));
            case (List<object?>, List<object?>) or (TupleValue, TupleValue):
                List<object?> mine = [.. Iterate(left, budget)];
                List<object?> other = [.. Iterate(right, budget)];
                int unequal = mine.Zip(other).TakeWhile(pair => AreEqual(pair.First, pair.Second, budget)).Count();
                return unequal < Math.Min(mine.Count, other.Count) ? Compare(mine[unequal], other[unequal], budget) : mine.Count.CompareTo(other.Count);
            case (Undefined first, _):
                throw first.Error();
            case (_, Undefined second):
                throw second.Error();
            default:
                throw new ChatTemplateError($"'<' not supported between instances of '{KindOf(left)}' and '{KindOf(right)}'");
        }
    }

    public static bool Contains(object? container, object? item, Budget budget) => container switch
    {
        MarkedText text => item is MarkedText part ? text.Text.Contains(part.Text, StringComparison.Ordinal) : throw new ChatTemplateError($"'in <string>' requires string as left operand, not {KindOf(item)}"),
        DictValue dict => dict.TryGet(item, out _),
        _ => Iterate(container, budget).Any(element => AreEqual(element, item, budget)),
    };

    public static IEnumerable<object?> Iterate(object? value, Budget budget)
    {
        IEnumerable<object?> items = value switch
        {
            List<object?> list => list,
            TupleValue tuple => tuple.Items,
            DictValue dict => dict.Keys,
            MarkedText text => Characters(text),
            Undefined => [],
            _ => throw new ChatTemplateError($"'{KindOf(value)}' object is not iterable"),
        };
        foreach (object? item in items)
        {
            budget.Spend();
            yield return item;
        }
    }

    public static long Length(object? value) => value switch
    {
        MarkedText text => text.Text.EnumerateRunes().Count(),
        List<object?> list => list.Count,
        TupleValue tuple => tuple.Items.Count,
        DictValue dict => dict.Count,
        Undefined => 0,
        _ => throw new ChatTemplateError($"object of type '{KindOf(value)}' has no len()"),
    };

    public static MarkedText AsText(object? value, string what) =>
        value as MarkedText ?? throw (value is Undefined undefined ? undefined.Error() : new ChatTemplateError($"{what}: expected a text, found {KindOf(value)}"));

    public static long AsWhole(object? value, string what) => value switch
    {
        long or bool => AsLong(value),
        _ => throw new ChatTemplateError($"{what}: expected a whole number, found {KindOf(value)}"),
    };

    public static double AsNumber(object? value) => value switch
    {
        double number => number,
        long or bool => AsLong(value),
        Undefined undefined => throw undefined.Error(),
        _ => throw new ChatTemplateError($"expected a number, found {KindOf(value)}"),
    };

    /// <summary>value[from:to:step].</summary>
    public static object? Slice(object? value, long? from, long? to, long? step, Budget budget)
    {
        List<object?> items = value is Undefined undefined ? throw undefined.Error() : [.. Iterate(value, budget)];
        long by = step ?? 1;
        if (by == 0)
        {
            throw new ChatTemplateError("slice step cannot be zero");
        }
        long count = items.Count;
        long low = by > 0 ? 0 : -1;
        long high = by > 0 ? count : count - 1;
        long Bound(long? bound, long fallback) => bound is not long given ? fallback : Math.Clamp(given < 0 ? given + count : given, low, high);
        long start = Bound(from, by > 0 ? low : high);
        long end = Bound(to, by > 0 ? high : low);
        var taken = new List<object?>();
        for (long i = start; by > 0 ? i < end : i > end; i += by)
        {
            taken.Add(items[(int)i]);
        }
        return value switch
        {
            MarkedText => MarkedText.Join(taken.Cast<MarkedText>()),
            TupleValue => new TupleValue(taken),
            List<object?> => taken,
            _ => throw new ChatTemplateError($"unhashable type: 'slice' ({KindOf(value)})"),
        };
    }

    /// <summary>value[key]: an item, else an attribute.</summary>
    public static object? Item(object? value, object? key, Budget budget)
    {
        switch (value)
        {
            case Undefined undefined:
                throw undefined.Error();
            case DictValue dict when dict.TryGet(key, out object? found):
                return found;
            case List<object?> or TupleValue or MarkedText when key is long or bool:
                long index = AsLong(key);
                List<object?> items = [.. Iterate(value, budget)];
                index += index < 0 ? items.Count : 0;
                return index >= 0 && index < items.Count ? items[(int)index] : new Undefined($"{KindOf(value)} object[{AsLong(key)}]");
            case not null when key is MarkedText name:
                return Attributes.Find(value, name.Text, budget) ?? new Undefined($"{KindOf(value)} object has no attribute '{name.Text}'");
            default:
                return new Undefined($"{KindOf(value)} object[{PythonText.Represent(key)}]");
        }
    }

    /// <summary>value.name: an attribute or method, else an item.</summary>
    public static object? Attribute(object? value, string name, Budget budget)
    {
        if (value is Undefined undefined)
        {
            throw undefined.Error();
        }
        if (value is not null && Attributes.Find(value, name, budget) is object found)
        {
            return found;
        }
        return value switch
        {
            DictValue dict when dict.TryGet(name, out object? item) => item,
            NamespaceValue space when space.Attributes.TryGetValue(name, out object? item) => item,
            LoopValue { HasNullAttribute: var has } when has(name) => null,
            _ => new Undefined($"{KindOf(value)} object has no attribute '{name}'"),
        };
    }

    private static long AsLong(object? value) => value is bool truth ? truth ? 1 : 0 : (long)value!;

    private static IEnumerable<object?> Characters(MarkedText text)
    {
        for (int at = 0; at < text.Length;)
        {
            int length = Rune.DecodeFromUtf16(text.Text.AsSpan(at), out _, out int taken) == System.Buffers.OperationStatus.Done ? taken : 1;
            yield return text.Slice(at, length);
            at += length;
        }
    }

    private static int CompareCodePoints(string left, string right)
    {
        using StringRuneEnumerator a = left.EnumerateRunes();
        using StringRuneEnumerator b = right.EnumerateRunes();
        while (true)
        {
            (bool more, bool other) = (a.MoveNext(), b.MoveNext());
            if (!more || !other)
            {
                return more.CompareTo(other);
            }
            if (a.Current != b.Current)
            {
                return a.Current.CompareTo(b.Current);
            }
        }
    }
}
