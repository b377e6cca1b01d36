namespace Factory.Runtime.Chat.Jinja;

/// <summary>Jinja's tests: <c>value is name</c>.</summary>
internal static class Tests
{
    private static readonly Dictionary<string, Func<object?, Arguments, Budget, bool>> All = new()
    {
        ["defined"] = (value, _, _) => value is not Undefined,
        ["undefined"] = (value, _, _) => value is Undefined,
        ["none"] = (value, _, _) => value is null,
        ["true"] = (value, _, _) => value is true,
        ["false"] = (value, _, _) => value is false,
        ["boolean"] = (value, _, _) => value is bool,
        ["string"] = (value, _, _) => value is MarkedText,
        ["mapping"] = (value, _, _) => value is DictValue,
        ["sequence"] = (value, _, _) => value is MarkedText or List<object?> or TupleValue or DictValue or Undefined,
        ["iterable"] = (value, _, _) => value is MarkedText or List<object?> or TupleValue or DictValue or Undefined,
        ["number"] = (value, _, _) => value is long or double or bool,
        ["integer"] = (value, _, _) => value is long,
        ["float"] = (value, _, _) => value is double,
        ["callable"] = (value, _, _) => value is Callable,
        ["escaped"] = (_, _, _) => false,
        ["lower"] = (value, _, _) => PythonText.FromValue(value).Text is var text && text.Any(char.IsLower) && !text.Any(char.IsUpper),
        ["upper"] = (value, _, _) => PythonText.FromValue(value).Text is var text && text.Any(char.IsUpper) && !text.Any(char.IsLower),
        ["odd"] = (value, _, budget) => Arithmetic.Apply("%", value, 2L, budget) is 1L or 1.0,
        ["even"] = (value, _, budget) => Arithmetic.Apply("%", value, 2L, budget) is 0L or 0.0,
        ["divisibleby"] = (value, arguments, budget) => Arithmetic.Apply("%", value, arguments.Required(0, "num"), budget) is 0L or 0.0,
        ["in"] = (value, arguments, budget) => Values.Contains(arguments.Required(0, "seq"), value, budget),
        ["sameas"] = (value, arguments, budget) => arguments.Required(0, "other") is var other && (value is null or bool or long ? Equals(value, other) : ReferenceEquals(value, other)),
        ["filter"] = (value, _, _) => value is MarkedText name && Filters.Exists(name.Text),
        ["test"] = (value, _, _) => value is MarkedText name && All!.ContainsKey(name.Text),
    };

    static Tests()
    {
        foreach ((string[] names, Func<object?, object?, Budget, bool> compare) in new (string[], Func<object?, object?, Budget, bool>)[]
        {
            (["eq", "equalto", "=="], Values.AreEqual),
            (["ne", "!="], (left, right, budget) => !Values.AreEqual(left, right, budget)),
            (["lt", "lessthan", "<"], (left, right, budget) => Values.Compare(left, right, budget) < 0),
            (["le", "<="], (left, right, budget) => Values.Compare(left, right, budget) <= 0),
            (["gt", "greaterthan", ">"], (left, right, budget) => Values.Compare(left, right, budget) > 0),
            (["ge", ">="], (left, right, budget) => Values.Compare(left, right, budget) >= 0),
        })
        {
            foreach (string name in names)
            {
                All[name] = (value, arguments, budget) => compare(value, arguments.Required(0, "other"), budget);
            }
        }
    }

    public static void Require(string name, TokenStream tokens)
    {
        if (!All.ContainsKey(name))
        {
            throw tokens.Error($"No test named '{name}'");
        }
    }

    public static bool Apply(string name, object? value, Arguments arguments, Budget budget) =>
        All.TryGetValue(name, out Func<object?, Arguments, Budget, bool>? test) ? test(value, arguments, budget) : throw new ChatTemplateError($"No test named '{name}'");
}
