using System.Globalization;

namespace Factory.Runtime.Chat.Jinja;

/// <summary>Expressions, in Jinja's order of precedence.</summary>
internal sealed class ExpressionParser(TokenStream tokens)
{
    private const int MaximumNesting = 100;

    private int _nesting;

    /// <summary>An expression; with <paramref name="tuples"/> also several separated by commas, without brackets.</summary>
    public Expression Parse(bool tuples = false, bool conditions = true)
    {
        Expression first = One(conditions);
        if (!tuples || !tokens.Is(","))
        {
            return first;
        }
        var items = new List<Expression> { first };
        while (tokens.Skip(",") && !tokens.EndsTuple)
        {
            items.Add(One(conditions));
        }
        return new ListExpression(items, IsTuple: true);
    }

    private Expression One(bool conditions)
    {
        if (++_nesting > MaximumNesting)
        {
            throw tokens.Error($"expected expressions nested at most {MaximumNesting} deep");
        }
        Expression value = conditions ? Condition() : Or();
        _nesting--;
        return value;
    }

    private Expression Condition()
    {
        Expression value = Or();
        while (tokens.SkipName("if"))
        {
            Expression test = Or();
            value = new ConditionExpression(value, test, tokens.SkipName("else") ? Condition() : null);
        }
        return value;
    }

    private Expression Or()
    {
        Expression left = And();
        while (tokens.SkipName("or"))
        {
            left = new LogicExpression(left, IsAnd: false, And());
        }
        return left;
    }

    private Expression And()
    {
        Expression left = Not();
        while (tokens.SkipName("and"))
        {
            left = new LogicExpression(left, IsAnd: true, Not());
        }
        return left;
    }

    private Expression Not()
    {
        int negations = 0;
        while (tokens.IsName("not") && tokens.SkipName("not"))
        {
            negations++;
        }
        Expression value = Compare();
        for (; negations > 0; negations--)
        {
            value = new NotExpression(value);
        }
        return value;
    }

    private Expression Compare()
    {
        Expression first = Sum();
        var rest = new List<(string, Expression)>();
        while (true)
        {
            if (tokens.SkipAny("==", "!=", "<=", ">=", "<", ">") is string sign)
            {
                rest.Add((sign, Sum()));
            }
            else if (tokens.SkipName("in"))
            {
                rest.Add(("in", Sum()));
            }
            else if (tokens.IsName("not") && tokens.IsNextName("in"))
            {
                tokens.SkipName("not");
                tokens.SkipName("in");
                rest.Add(("not in", Sum()));
            }
            else
            {
                return rest.Count == 0 ? first : new CompareExpression(first, rest);
            }
        }
    }

    private Expression Sum()
    {
        Expression left = Concat();
        while (tokens.SkipAny("+", "-") is string sign)
        {
            left = new BinaryExpression(left, sign, Concat());
        }
        return left;
    }

    private Expression Concat()
    {
        var parts = new List<Expression> { Product() };
        while (tokens.Skip("~"))
        {
            parts.Add(Product());
        }
        return parts.Count == 1 ? parts[0] : new ConcatExpression(parts);
    }

    private Expression Product()
    {
        Expression left = Power();
        while (tokens.SkipAny("*", "//", "/", "%") is string sign)
        {
            left = new BinaryExpression(left, sign, Power());
        }
        return left;
    }

    private Expression Power()
    {
        Expression left = Unary(filters: true);
        while (tokens.Skip("**"))
        {
            left = new BinaryExpression(left, "**", Unary(filters: true));
        }
        return left;
    }

    private Expression Unary(bool filters)
    {
        var signs = new Stack<bool>();
        while (tokens.SkipAny("-", "+") is string sign)
        {
            signs.Push(sign == "-");
        }
        Expression value = Postfix(Primary());
        value = filters && signs.Count == 0 ? Suffixes(value) : value;
        foreach (bool negative in signs)
        {
            value = new NegateExpression(value, negative);
        }
        return filters && signs.Count > 0 ? Suffixes(value) : value;
    }

    private Expression Primary()
    {
        Token token = tokens.Next();
        switch (token.Kind)
        {
            case TokenKind.Name:
                return token.Value switch
                {
                    "true" or "True" => new Constant(true),
                    "false" or "False" => new Constant(false),
                    "none" or "None" => new Constant(null),
                    string name => new NameExpression(name),
                };
            case TokenKind.Text:
                string text = token.Value;
                while (tokens.Current.Kind == TokenKind.Text)
                {
                    text += tokens.Next().Value;
                }
                return new Constant(MarkedText.Template(text));
            case TokenKind.Whole:
                return new Constant(long.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out long whole) ? whole : throw tokens.Error("expected a number of 64 bits"));
            case TokenKind.Number:
                return new Constant(double.Parse(token.Value, CultureInfo.InvariantCulture));
            case TokenKind.Sign when token.Value == "(":
                if (tokens.Skip(")"))
                {
                    return new ListExpression([], IsTuple: true);
                }
                Expression inner = Parse(tuples: true);
                tokens.Expect(")");
                return inner;
            case TokenKind.Sign when token.Value == "[":
                return new ListExpression([.. Items("]", () => Parse())], IsTuple: false);
            case TokenKind.Sign when token.Value == "{":
                return new DictExpression([.. Items("}", () =>
                {
                    Expression key = Parse();
                    tokens.Expect(":");
                    return (key, Parse());
                })]);
            default:
                throw tokens.Unexpected(token);
        }
    }

    private List<T> Items<T>(string close, Func<T> one)
    {
        var items = new List<T>();
        while (!tokens.Skip(close))
        {
            if (items.Count > 0)
            {
                tokens.Expect(",");
                if (tokens.Skip(close))
                {
                    break;
                }
            }
            items.Add(one());
        }
        return items;
    }

    /// <summary>.name, [key], [from:to] and (arguments) behind a value.</summary>
    private Expression Postfix(Expression value)
    {
        while (true)
        {
            if (tokens.Skip("."))
            {
                Token name = tokens.Next();
                value = name.Kind switch
                {
                    TokenKind.Name => new AttributeExpression(value, name.Value),
                    TokenKind.Whole => new ItemExpression(value, new Constant(long.Parse(name.Value, CultureInfo.InvariantCulture))),
                    _ => throw tokens.Unexpected(name),
                };
            }
            else if (tokens.Skip("["))
            {
                value = Subscript(value);
            }
            else if (tokens.Is("("))
            {
                value = new CallExpression(value, Arguments());
            }
            else
            {
                return value;
            }
        }
    }

    private Expression Subscript(Expression value)
    {
        Expression? from = tokens.Is(":") ? null : Parse(tuples: true);
        if (tokens.Skip("]"))
        {
            return new ItemExpression(value, from!);
        }
        tokens.Expect(":");
        Expression? to = tokens.Is("]") || tokens.Is(":") ? null : Parse();
        Expression? step = tokens.Skip(":") && !tokens.Is("]") ? Parse() : null;
        tokens.Expect("]");
        return new SliceExpression(value, from, to, step);
    }

    /// <summary>Filters, tests and calls behind a value.</summary>
    public Expression Suffixes(Expression value)
    {
        while (true)
        {
            if (tokens.Skip("|"))
            {
                string name = tokens.ExpectDottedName();
                Filters.Require(name, tokens);
                value = new FilterExpression(value, name, tokens.Is("(") ? Arguments() : ArgumentList.None);
            }
            else if (tokens.SkipName("is"))
            {
                value = Test(value);
            }
            else if (tokens.Is("("))
            {
                value = new CallExpression(value, Arguments());
            }
            else
            {
                return value;
            }
        }
    }

    private TestExpression Test(Expression value)
    {
        bool negated = tokens.SkipName("not");
        string name = tokens.ExpectDottedName();
        Tests.Require(name, tokens);
        ArgumentList arguments = ArgumentList.None;
        if (tokens.Is("("))
        {
            arguments = Arguments();
        }
        else if (tokens.StartsValue)
        {
            arguments = new ArgumentList([(Postfix(Primary()), false)], []);
        }
        return new TestExpression(value, name, arguments, negated);
    }

    public ArgumentList Arguments()
    {
        tokens.Expect("(");
        var positional = new List<(Expression, bool)>();
        var named = new List<(string?, Expression)>();
        foreach (int _ in Items(")", One))
        {
        }
        return new ArgumentList(positional, named);

        int One()
        {
            if (tokens.Skip("**"))
            {
                named.Add((null, Parse()));
            }
            else if (tokens.Skip("*"))
            {
                positional.Add((Parse(), true));
            }
            else if (tokens.Current.Kind == TokenKind.Name && tokens.IsNext("="))
            {
                string name = tokens.Next().Value;
                tokens.Expect("=");
                named.Add((name, Parse()));
            }
            else
            {
                positional.Add((Parse(), false));
            }
            return 0;
        }
    }
}
