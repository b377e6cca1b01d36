namespace Factory.Runtime.Chat.Jinja;

/// <summary>What an expression needs while it is evaluated.</summary>
internal sealed record Context(Scope Scope, Budget Budget);

internal abstract record Expression
{
    public abstract object? Evaluate(Context context);

    public object? In(Context context)
    {
        context.Budget.Spend();
        return Evaluate(context);
    }
}

internal sealed record Constant(object? Value) : Expression
{
    public override object? Evaluate(Context context) => Value;
}

internal sealed record NameExpression(string Name) : Expression
{
    public override object? Evaluate(Context context) => context.Scope.Get(Name);
}

internal sealed record ListExpression(IReadOnlyList<Expression> Items, bool IsTuple) : Expression
{
    public override object? Evaluate(Context context)
    {
        List<object?> items = [.. Items.Select(item => item.In(context))];
        return IsTuple ? new TupleValue(items) : items;
    }
}

internal sealed record DictExpression(IReadOnlyList<(Expression Key, Expression Value)> Items) : Expression
{
    public override object? Evaluate(Context context)
    {
        var dict = new DictValue();
        foreach ((Expression key, Expression value) in Items)
        {
            dict.Set(key.In(context), value.In(context));
        }
        return dict;
    }
}

internal sealed record AttributeExpression(Expression Value, string Name) : Expression
{
    public override object? Evaluate(Context context) => Values.Attribute(Value.In(context), Name, context.Budget);
}

internal sealed record ItemExpression(Expression Value, Expression Key) : Expression
{
    public override object? Evaluate(Context context) => Values.Item(Value.In(context), Key.In(context), context.Budget);
}

internal sealed record SliceExpression(Expression Value, Expression? From, Expression? To, Expression? Step) : Expression
{
    public override object? Evaluate(Context context) =>
        Values.Slice(Value.In(context), Bound(From, context), Bound(To, context), Bound(Step, context), context.Budget);

    private static long? Bound(Expression? bound, Context context) => bound?.In(context) is object value ? Values.AsWhole(value, "slice") : null;
}

internal sealed record CallExpression(Expression Function, ArgumentList Arguments) : Expression
{
    public override object? Evaluate(Context context)
    {
        object? function = Function.In(context);
        Callable callable = function switch
        {
            Callable found => found,
            LoopValue { Recursion: Callable recursion } => recursion,
            Undefined undefined => throw undefined.Error(),
            _ => throw new ChatTemplateError($"'{Values.KindOf(function)}' object is not callable"),
        };
        return callable.Call(Arguments.Evaluate(context));
    }
}

internal sealed record FilterExpression(Expression Value, string Name, ArgumentList Arguments) : Expression
{
    public override object? Evaluate(Context context) => Filters.Apply(Name, Value.In(context), Arguments.Evaluate(context), context.Budget);
}

internal sealed record TestExpression(Expression Value, string Name, ArgumentList Arguments, bool Negated) : Expression
{
    public override object? Evaluate(Context context) => Tests.Apply(Name, Value.In(context), Arguments.Evaluate(context), context.Budget) != Negated;
}

internal sealed record NotExpression(Expression Value) : Expression
{
    public override object? Evaluate(Context context) => !Values.IsTrue(Value.In(context));
}

internal sealed record NegateExpression(Expression Value, bool Negative) : Expression
{
    public override object? Evaluate(Context context) => Negative ? Arithmetic.Negate(Value.In(context)) : Value.In(context);
}

/// <summary>and, or: the side that decides, as it is.</summary>
internal sealed record LogicExpression(Expression Left, bool IsAnd, Expression Right) : Expression
{
    public override object? Evaluate(Context context) => Left.In(context) is var left && Values.IsTrue(left) == IsAnd ? Right.In(context) : left;
}

internal sealed record BinaryExpression(Expression Left, string Sign, Expression Right) : Expression
{
    public override object? Evaluate(Context context) => Arithmetic.Apply(Sign, Left.In(context), Right.In(context), context.Budget);
}

internal sealed record ConcatExpression(IReadOnlyList<Expression> Parts) : Expression
{
    public override object? Evaluate(Context context)
    {
        MarkedText text = MarkedText.Join(Parts.Select(part => PythonText.FromValue(part.In(context))));
        context.Budget.Spend(text.Length);
        return text;
    }
}

/// <summary>a &lt; b &lt; c.</summary>
internal sealed record CompareExpression(Expression First, IReadOnlyList<(string Sign, Expression Right)> Rest) : Expression
{
    public override object? Evaluate(Context context)
    {
        object? left = First.In(context);
        foreach ((string sign, Expression next) in Rest)
        {
            object? right = next.In(context);
            if (!Holds(sign, left, right, context.Budget))
            {
                return false;
            }
            left = right;
        }
        return true;
    }

    private static bool Holds(string sign, object? left, object? right, Budget budget) => sign switch
    {
        "==" => Values.AreEqual(left, right, budget),
        "!=" => !Values.AreEqual(left, right, budget),
        "<" => Values.Compare(left, right, budget) < 0,
        "<=" => Values.Compare(left, right, budget) <= 0,
        ">" => Values.Compare(left, right, budget) > 0,
        ">=" => Values.Compare(left, right, budget) >= 0,
        "in" => Values.Contains(right, left, budget),
        _ => !Values.Contains(right, left, budget),
    };
}

internal sealed record ConditionExpression(Expression Value, Expression Test, Expression? Otherwise) : Expression
{
    public override object? Evaluate(Context context) =>
        Values.IsTrue(Test.In(context)) ? Value.In(context) : Otherwise is null ? new Undefined("the inline if-expression without else") : Otherwise.In(context);
}

internal sealed record ArgumentList(IReadOnlyList<(Expression Value, bool Spread)> Positional, IReadOnlyList<(string? Name, Expression Value)> Named)
{
    public static ArgumentList None { get; } = new([], []);

    public Arguments Evaluate(Context context)
    {
        var positional = new List<object?>();
        foreach ((Expression value, bool spread) in Positional)
        {
            object? given = value.In(context);
            positional.AddRange(spread ? Values.Iterate(given, context.Budget) : [given]);
        }
        var named = new Dictionary<string, object?>();
        foreach ((string? name, Expression value) in Named)
        {
            object? given = value.In(context);
            foreach ((string key, object? item) in name is not null ? [(name, given)] : Spread(given))
            {
                named[key] = item;
            }
        }
        return new Arguments(positional, named);
    }

    private static IEnumerable<(string, object?)> Spread(object? given) => given is DictValue dict
        ? dict.Items.Select(item => (Values.AsText(item.Key, "**").Text, item.Value))
        : throw new ChatTemplateError("argument after ** must be a mapping");
}
