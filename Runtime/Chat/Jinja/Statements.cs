namespace Factory.Runtime.Chat.Jinja;

/// <summary>How a statement ended: go on, or leave the loop around it (break) or its turn (continue).</summary>
internal enum Flow
{
    Next,
    Break,
    Continue,
}

internal abstract record Statement
{
    /// <summary>Adds what it writes to <paramref name="output"/>.</summary>
    public abstract Flow Run(Context context, List<MarkedText> output);
}

internal sealed record Body(IReadOnlyList<Statement> Statements)
{
    public Flow Run(Context context, List<MarkedText> output)
    {
        foreach (Statement statement in Statements)
        {
            context.Budget.Spend();
            if (statement.Run(context, output) is var flow && flow != Flow.Next)
            {
                return flow;
            }
        }
        return Flow.Next;
    }

    public MarkedText Capture(Context context)
    {
        var output = new List<MarkedText>();
        Run(context, output);
        return MarkedText.Join(output);
    }
}

internal sealed record DataStatement(MarkedText Text) : Statement
{
    public override Flow Run(Context context, List<MarkedText> output)
    {
        context.Budget.Write(Text.Length);
        output.Add(Text);
        return Flow.Next;
    }
}

internal sealed record PrintStatement(Expression Value) : Statement
{
    public override Flow Run(Context context, List<MarkedText> output)
    {
        MarkedText text = PythonText.FromValue(Value.In(context));
        context.Budget.Write(text.Length);
        output.Add(text);
        return Flow.Next;
    }
}

internal sealed record IfStatement(IReadOnlyList<(Expression Test, Body Body)> Branches, Body? Otherwise) : Statement
{
    public override Flow Run(Context context, List<MarkedText> output)
    {
        foreach ((Expression test, Body body) in Branches)
        {
            if (Values.IsTrue(test.In(context)))
            {
                return body.Run(context, output);
            }
        }
        return Otherwise?.Run(context, output) ?? Flow.Next;
    }
}

internal sealed record LeaveStatement(Flow Flow) : Statement
{
    public override Flow Run(Context context, List<MarkedText> output) => Flow;
}

/// <summary>What a value is assigned to: a name, several, or an attribute of a namespace.</summary>
internal sealed record Target(IReadOnlyList<Target>? Several, string Name, string? Attribute)
{
    public void Assign(Context context, object? value)
    {
        if (Several is not null)
        {
            List<object?> items = [.. Values.Iterate(value, context.Budget)];
            if (items.Count != Several.Count)
            {
                throw new ChatTemplateError($"expected {Several.Count} values to unpack, found {items.Count}");
            }
            foreach ((Target target, object? item) in Several.Zip(items))
            {
                target.Assign(context, item);
            }
        }
        else if (Attribute is null)
        {
            context.Scope.Set(Name, value);
        }
        else if (context.Scope.Get(Name) is NamespaceValue space)
        {
            space.Attributes[Globals.Allowed(Attribute)] = value;
        }
        else
        {
            throw new ChatTemplateError("cannot assign attribute on non-namespace object");
        }
    }
}

internal sealed record SetStatement(Target Target, Expression Value) : Statement
{
    public override Flow Run(Context context, List<MarkedText> output)
    {
        Target.Assign(context, Value.In(context));
        return Flow.Next;
    }
}

internal sealed record SetBlockStatement(Target Target, Body Body, Func<Expression, Expression> Filter) : Statement
{
    public override Flow Run(Context context, List<MarkedText> output)
    {
        MarkedText text = Body.Capture(context with { Scope = new Scope(context.Scope) });
        Target.Assign(context, Filter(new Constant(text)).In(context));
        return Flow.Next;
    }
}

/// <summary>{% filter %}: what the body writes goes through filters.</summary>
internal sealed record FilterStatement(Body Body, Func<Expression, Expression> Filter) : Statement
{
    public override Flow Run(Context context, List<MarkedText> output) =>
        new PrintStatement(Filter(new Constant(Body.Capture(context with { Scope = new Scope(context.Scope) })))).Run(context, output);
}

/// <summary>{% with %}, and {% generation %} without variables.</summary>
internal sealed record WithStatement(IReadOnlyList<(Target Target, Expression Value)> Variables, Body Body) : Statement
{
    public override Flow Run(Context context, List<MarkedText> output)
    {
        Context inner = context with { Scope = new Scope(context.Scope) };
        List<object?> values = [.. Variables.Select(variable => variable.Value.In(context))];
        foreach ((Target target, object? value) in Variables.Select(variable => variable.Target).Zip(values))
        {
            target.Assign(inner, value);
        }
        return Body.Run(inner, output);
    }
}

internal sealed record ForStatement(Target Target, Expression Items, Expression? Filter, bool Recursive, Body Body, Body? Otherwise) : Statement
{
    public override Flow Run(Context context, List<MarkedText> output)
    {
        Loop(context, Items.In(context), 0, output);
        return Flow.Next;
    }

    /// <summary>A turn makes a scope, which is more work than a node.</summary>
    private const int TurnCost = 10;

    private void Loop(Context context, object? over, int depth, List<MarkedText> output)
    {
        List<object?> items = [.. Values.Iterate(over, context.Budget)];
        if (Filter is not null)
        {
            items = [.. items.Where(item =>
            {
                Context test = context with { Scope = new Scope(context.Scope) };
                Target.Assign(test, item);
                return Values.IsTrue(Filter.In(test));
            })];
        }
        Callable? recursion = !Recursive ? null : new Callable(arguments =>
        {
            context.Budget.Enter();
            var inner = new List<MarkedText>();
            Loop(context, arguments.Required(0, "iterable"), depth + 1, inner);
            context.Budget.Leave();
            return MarkedText.Join(inner);
        });
        var loop = new LoopValue(items, depth, recursion, context.Budget);
        for (int i = 0; i < items.Count; i++)
        {
            context.Budget.Spend(TurnCost);
            loop.Index = i;
            Context turn = context with { Scope = new Scope(context.Scope) };
            turn.Scope.Set("loop", loop);
            Target.Assign(turn, items[i]);
            if (Body.Run(turn, output) == Flow.Break)
            {
                return;
            }
        }
        if (items.Count == 0)
        {
            Otherwise?.Run(context with { Scope = new Scope(context.Scope) }, output);
        }
    }
}

/// <summary>{% macro %}, and {% call %}'s body.</summary>
internal sealed record MacroStatement(string Name, IReadOnlyList<(string Name, Expression? Default)> Parameters, Body Body) : Statement
{
    public override Flow Run(Context context, List<MarkedText> output)
    {
        context.Scope.Set(Name, Bind(context));
        return Flow.Next;
    }

    public Callable Bind(Context context) => new(arguments =>
    {
        context.Budget.Enter();
        Context inner = context with { Scope = new Scope(context.Scope) };
        for (int i = 0; i < Parameters.Count; i++)
        {
            (string name, Expression? fallback) = Parameters[i];
            inner.Scope.Set(name, arguments.Has(i, name) ? arguments.Get(i, name, null) : fallback is null ? new Undefined(name) : fallback.In(inner));
        }
        inner.Scope.Set("varargs", new TupleValue([.. arguments.Positional.Skip(Parameters.Count)]));
        var others = new DictValue();
        foreach ((string name, object? value) in arguments.Named.Where(argument => Parameters.All(parameter => parameter.Name != argument.Key)))
        {
            others.Set(MarkedText.Template(name), value);
        }
        inner.Scope.Set("kwargs", others);
        inner.Scope.Set("caller", arguments.Named.TryGetValue("caller", out object? caller) ? caller : new Undefined("caller"));
        MarkedText text = Body.Capture(inner);
        context.Budget.Leave();
        return text;
    });
}

internal sealed record CallStatement(CallExpression Call, MacroStatement Caller) : Statement
{
    public override Flow Run(Context context, List<MarkedText> output)
    {
        var arguments = Call.Arguments with { Named = [.. Call.Arguments.Named, ("caller", new Constant(Caller.Bind(context)))] };
        return new PrintStatement(Call with { Arguments = arguments }).Run(context, output);
    }
}
