using System.Globalization;
using System.Text;

namespace Factory.Runtime.Chat.Jinja;

/// <summary>Jinja's filters: <c>value | name(arguments)</c>.</summary>
internal static class Filters
{
    private delegate object? Filter(object? value, Arguments arguments, Budget budget);

    private static readonly Dictionary<string, Filter> All = new()
    {
        ["trim"] = (value, arguments, _) => PythonText.FromValue(value).Trim(arguments.Get(0, "chars", null) is null ? null : arguments.Text(0, "chars").Text, true, true),
        ["string"] = (value, _, _) => PythonText.FromValue(value),
        ["safe"] = (value, _, _) => value,
        ["lower"] = (value, _, _) => Text(value).Become(PythonText.FromValue(value).Text.ToLowerInvariant()),
        ["upper"] = (value, _, _) => Text(value).Become(PythonText.FromValue(value).Text.ToUpperInvariant()),
        ["capitalize"] = (value, _, _) => TextMethods.Capitalize(Text(value)),
        ["title"] = (value, _, _) => TextMethods.Title(Text(value)),
        ["replace"] = (value, arguments, budget) => Text(value).Replace(PythonText.FromValue(arguments.Required(0, "old")).Text, PythonText.FromValue(arguments.Required(1, "new")), (int)(arguments.Get(2, "count", null) is long count ? count : -1), budget),
        ["tojson"] = (value, arguments, budget) => MarkedText.FromConversation(JsonText.FromValue(value, arguments, budget)),
        ["length"] = (value, _, _) => Values.Length(value),
        ["count"] = (value, _, _) => Values.Length(value),
        ["default"] = Default,
        ["d"] = Default,
        ["first"] = (value, _, budget) => Values.Iterate(value, budget).FirstOrDefault(new Undefined("No first item, sequence was empty.")),
        ["last"] = (value, _, budget) => Values.Iterate(value, budget).LastOrDefault(new Undefined("No last item, sequence was empty.")),
        ["list"] = (value, _, budget) => Values.Iterate(value, budget).ToList(),
        ["items"] = (value, _, budget) => value is Undefined ? new List<object?>() : value is DictValue dict ? dict.Items.Select(item => (object?)new TupleValue([item.Key, item.Value])).ToList() : throw new ChatTemplateError("Can only get item pairs from a mapping."),
        ["reverse"] = (value, _, budget) => Values.Iterate(value, budget).Reverse().ToList() is var items && value is MarkedText ? MarkedText.Join(items.Cast<MarkedText>()) : items,
        ["join"] = Join,
        ["sort"] = (value, arguments, budget) => Sorted(Values.Iterate(value, budget), item => Key(item, arguments.Get(2, "attribute", null), arguments.Truth(1, "case_sensitive", false), budget), arguments.Truth(0, "reverse", false), budget),
        ["unique"] = Unique,
        ["dictsort"] = DictSort,
        ["groupby"] = GroupBy,
        ["map"] = Map,
        ["select"] = (value, arguments, budget) => Select(value, arguments, budget, attribute: false, wanted: true),
        ["reject"] = (value, arguments, budget) => Select(value, arguments, budget, attribute: false, wanted: false),
        ["selectattr"] = (value, arguments, budget) => Select(value, arguments, budget, attribute: true, wanted: true),
        ["rejectattr"] = (value, arguments, budget) => Select(value, arguments, budget, attribute: true, wanted: false),
        ["attr"] = (value, arguments, budget) => value is not null && Attributes.Find(value, arguments.Text(0, "name").Text, budget) is object found ? found : value is NamespaceValue space && space.Attributes.TryGetValue(arguments.Text(0, "name").Text, out object? item) ? item : new Undefined(arguments.Text(0, "name").Text),
        ["abs"] = (value, _, _) => value is double number ? Math.Abs(number) : (object)Math.Abs((long)Values.AsNumber(value)),
        ["int"] = ToWhole,
        ["float"] = (value, arguments, _) => Number(value) ?? arguments.Get(0, "default", 0.0),
        ["round"] = (value, arguments, _) => Round(value, arguments),
        ["sum"] = (value, arguments, budget) => Values.Iterate(value, budget).Select(item => Key(item, arguments.Get(0, "attribute", null), true, budget)).Aggregate(arguments.Get(1, "start", 0L), (sum, item) => Arithmetic.Apply("+", sum, item, budget)),
        ["min"] = (value, arguments, budget) => Extreme(value, arguments, budget, -1),
        ["max"] = (value, arguments, budget) => Extreme(value, arguments, budget, 1),
        ["indent"] = Indent,
        ["format"] = (value, arguments, _) => Arithmetic.Format(Text(value), new TupleValue(arguments.Positional)),
        ["escape"] = (value, _, _) => Escape(value),
        ["e"] = (value, _, _) => Escape(value),
        ["forceescape"] = (value, _, _) => Escape(value),
        ["urlencode"] = (value, _, _) => Text(value).Become(Uri.EscapeDataString(Text(value).Text).Replace("%2F", "/", StringComparison.Ordinal)),
        ["wordcount"] = (value, _, _) => (long)Text(value).Split(null, -1).Count,
        ["center"] = Center,
        ["truncate"] = Truncate,
        ["batch"] = Batch,
        ["pprint"] = (value, _, _) => MarkedText.FromConversation(PythonText.Represent(value)),
    };

    public static bool Exists(string name) => All.ContainsKey(name);

    public static void Require(string name, TokenStream tokens)
    {
        if (!All.ContainsKey(name))
        {
            throw tokens.Error($"No filter named '{name}'");
        }
    }

    public static object? Apply(string name, object? value, Arguments arguments, Budget budget)
    {
        budget.Spend(value is MarkedText text ? text.Length : 1);
        return All.TryGetValue(name, out Filter? filter) ? filter(value, arguments, budget) : throw new ChatTemplateError($"No filter named '{name}'");
    }

    private static MarkedText Text(object? value) => PythonText.FromValue(value);

    private static object? Default(object? value, Arguments arguments, Budget budget) =>
        value is Undefined || (arguments.Truth(1, "boolean", false) && !Values.IsTrue(value)) ? arguments.Get(0, "default_value", MarkedText.Empty) : value;

    private static MarkedText Join(object? value, Arguments arguments, Budget budget)
    {
        MarkedText separator = PythonText.FromValue(arguments.Get(0, "d", MarkedText.Empty));
        List<MarkedText> parts = [.. Values.Iterate(value, budget).Select(item => PythonText.FromValue(Key(item, arguments.Get(1, "attribute", null), true, budget)))];
        budget.Spend(parts.Sum(part => (long)part.Length + separator.Length));
        return MarkedText.Join(parts.SelectMany((part, i) => i == 0 ? new[] { part } : [separator, part]));
    }

    /// <summary>An item, or the attribute of it that is named ("function.name").</summary>
    private static object? Key(object? item, object? attribute, bool caseSensitive, Budget budget)
    {
        object? key = attribute switch
        {
            null => item,
            long index => Values.Item(item, index, budget),
            _ => Values.AsText(attribute, "attribute").Text.Split('.').Aggregate(item, (value, name) => long.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out long index)
                ? Values.Item(value, index, budget)
                : Values.Item(value, MarkedText.Template(name), budget)),
        };
        return !caseSensitive && key is MarkedText text ? text.Become(text.Text.ToLowerInvariant()) : key;
    }

    private static List<object?> Sorted(IEnumerable<object?> items, Func<object?, object?> key, bool reverse, Budget budget)
    {
        var comparer = Comparer<object?>.Create((left, right) =>
        {
            budget.Spend();
            return Values.Compare(left, right, budget);
        });
        try
        {
            return [.. reverse ? items.OrderByDescending(key, comparer) : items.OrderBy(key, comparer)];
        }
        catch (InvalidOperationException error) when (error.InnerException is ChatTemplateError inner)
        {
            throw new ChatTemplateError(inner.Message);
        }
    }

    private static List<object?> Unique(object? value, Arguments arguments, Budget budget)
    {
        var seen = new DictValue();
        var unique = new List<object?>();
        foreach (object? item in Values.Iterate(value, budget))
        {
            object? key = Key(item, arguments.Get(1, "attribute", null), arguments.Truth(0, "case_sensitive", false), budget);
            if (!seen.TryGet(key, out _))
            {
                seen.Set(key, null);
                unique.Add(item);
            }
        }
        return unique;
    }

    private static List<object?> DictSort(object? value, Arguments arguments, Budget budget)
    {
        int place = arguments.Get(1, "by", null) is MarkedText { Text: "value" } ? 1 : 0;
        IEnumerable<object?> pairs = value is DictValue dict ? dict.Items.Select(item => (object?)new TupleValue([item.Key, item.Value])) : throw new ChatTemplateError("dictsort: expected a mapping");
        return Sorted(pairs, pair => Key(((TupleValue)pair!).Items[place], null, arguments.Truth(0, "case_sensitive", false), budget), arguments.Truth(2, "reverse", false), budget);
    }

    private static List<object?> GroupBy(object? value, Arguments arguments, Budget budget)
    {
        object? attribute = arguments.Required(0, "attribute");
        var groups = new List<object?>();
        foreach (object? item in Sorted(Values.Iterate(value, budget), item => Key(item, attribute, false, budget), false, budget))
        {
            object? key = Key(item, attribute, true, budget);
            if (groups.Count > 0 && groups[^1] is TupleValue { Items: [var last, List<object?> members] } && Values.AreEqual(last, key, budget))
            {
                members.Add(item);
            }
            else
            {
                groups.Add(new TupleValue([key, new List<object?> { item }]));
            }
        }
        return groups;
    }

    private static List<object?> Map(object? value, Arguments arguments, Budget budget) => [.. Values.Iterate(value, budget).Select(item =>
        arguments.Named.TryGetValue("attribute", out object? attribute)
            ? Key(item, attribute, true, budget) is Undefined && arguments.Named.TryGetValue("default", out object? fallback) ? fallback : Key(item, attribute, true, budget)
            : Apply(arguments.Text(0, "filter").Text, item, arguments.After(1), budget))];

    private static List<object?> Select(object? value, Arguments arguments, Budget budget, bool attribute, bool wanted)
    {
        Arguments test = attribute ? arguments.After(1) : arguments;
        return [.. Values.Iterate(value, budget).Where(item =>
        {
            object? tested = attribute ? Key(item, arguments.Required(0, "attribute"), true, budget) : item;
            return wanted == (test.Positional.Count == 0 ? Values.IsTrue(tested) : Tests.Apply(test.Text(0, "test").Text, tested, test.After(1), budget));
        })];
    }

    private static object? ToWhole(object? value, Arguments arguments, Budget budget) => value switch
    {
        bool truth => truth ? 1L : 0L,
        long => value,
        double number when Math.Abs(number) < 9e18 => (long)number,
        MarkedText text when long.TryParse(text.Text.Trim().Replace("_", "", StringComparison.Ordinal), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole) => whole,
        MarkedText when Number(value) is double number && Math.Abs(number) < 9e18 => (long)number,
        _ => arguments.Get(0, "default", 0L),
    };

    private static double? Number(object? value) => value switch
    {
        bool or long or double => Values.AsNumber(value),
        MarkedText text when double.TryParse(text.Text.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out double number) => number,
        _ => null,
    };

    private static double Round(object? value, Arguments arguments)
    {
        int digits = (int)Math.Clamp(arguments.Whole(0, "precision", 0), -15, 15);
        double factor = Math.Pow(10, digits);
        double number = Values.AsNumber(value);
        return (arguments.Get(1, "method", null) as MarkedText)?.Text switch
        {
            "ceil" => Math.Ceiling(number * factor) / factor,
            "floor" => Math.Floor(number * factor) / factor,
            _ => digits >= 0 ? Math.Round(number, digits, MidpointRounding.ToEven) : Math.Round(number * factor, MidpointRounding.ToEven) / factor,
        };
    }

    private static object? Extreme(object? value, Arguments arguments, Budget budget, int sign)
    {
        object? best = new Undefined("No aggregated item, sequence was empty.");
        bool any = false;
        foreach (object? item in Values.Iterate(value, budget))
        {
            object? Sorted(object? candidate) => Key(candidate, arguments.Get(1, "attribute", null), arguments.Truth(0, "case_sensitive", false), budget);
            if (!any || Values.Compare(Sorted(item), Sorted(best), budget) * sign > 0)
            {
                (best, any) = (item, true);
            }
        }
        return best;
    }

    private static MarkedText Indent(object? value, Arguments arguments, Budget budget)
    {
        MarkedText text = Text(value);
        object? width = arguments.Get(0, "width", 4L);
        MarkedText indent = width as MarkedText ?? MarkedText.Template(new string(' ', (int)Math.Clamp(Values.AsWhole(width, "width"), 0, 1000)));
        bool first = arguments.Truth(1, "first", false);
        bool blank = arguments.Truth(2, "blank", false);
        List<object?> lines = text.Split("\n", -1);
        var parts = new List<MarkedText>();
        foreach ((int i, object? line) in lines.Index())
        {
            var content = (MarkedText)line!;
            budget.Spend(indent.Length);
            parts.Add(i == 0 ? MarkedText.Empty : MarkedText.Template("\n"));
            parts.Add(i == 0 ? first ? indent : MarkedText.Empty : blank || content.Length > 0 ? indent : MarkedText.Empty);
            parts.Add(content);
        }
        return MarkedText.Join(parts);
    }

    private static MarkedText Escape(object? value) => Text(value).Become(
        new StringBuilder(Text(value).Text).Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;").Replace("'", "&#39;").Replace("\"", "&#34;").ToString());

    private static MarkedText Center(object? value, Arguments arguments, Budget budget)
    {
        MarkedText text = Text(value);
        int room = (int)Math.Clamp(arguments.Whole(0, "width", 80) - text.Length, 0, 10_000);
        int left = (room / 2) + (room & (int)arguments.Whole(0, "width", 80) & 1);
        return MarkedText.Template(new string(' ', left)) + text + MarkedText.Template(new string(' ', room - left));
    }

    private static MarkedText Truncate(object? value, Arguments arguments, Budget budget)
    {
        MarkedText text = Text(value);
        int length = (int)Math.Clamp(arguments.Whole(0, "length", 255), 0, int.MaxValue);
        MarkedText end = PythonText.FromValue(arguments.Get(2, "end", MarkedText.Template("...")));
        long leeway = arguments.Get(3, "leeway", null) is long given ? given : 5;
        if (text.Length <= length + leeway)
        {
            return text;
        }
        MarkedText kept = text.Slice(0, Math.Max(length - end.Length, 0));
        int space = kept.Text.LastIndexOf(' ');
        return (arguments.Truth(1, "killwords", false) || space < 0 ? kept : kept.Slice(0, space)) + end;
    }

    private static List<object?> Batch(object? value, Arguments arguments, Budget budget)
    {
        int size = (int)Math.Clamp(arguments.Whole(0, "linecount", 1), 1, int.MaxValue);
        List<object?> batches = [.. Values.Iterate(value, budget).Chunk(size).Select(chunk => (object?)chunk.ToList())];
        if (arguments.Get(1, "fill_with", null) is object filler && batches.LastOrDefault() is List<object?> last)
        {
            budget.Spend(size);
            last.AddRange(Enumerable.Repeat<object?>(filler, size - last.Count));
        }
        return batches;
    }
}
