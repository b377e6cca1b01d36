namespace Factory.Runtime.Chat.Jinja;

/// <summary>A parsed template.</summary>
internal sealed record Template(Body Body)
{
    public MarkedText Render(Scope globals, Budget budget) => Body.Capture(new Context(new Scope(globals), budget));
}

/// <summary>Statements of a template.</summary>
internal sealed class TemplateParser
{
    private const int MaximumNesting = 100;

    private readonly TokenStream _tokens;
    private readonly ExpressionParser _expressions;
    private int _nesting;

    private TemplateParser(TokenStream tokens)
    {
        _tokens = tokens;
        _expressions = new ExpressionParser(tokens);
    }

    /// <exception cref="ChatTemplateError">It is malformed.</exception>
    public static Template Parse(string source)
    {
        var parser = new TemplateParser(new TokenStream(Lexer.Read(source)));
        Body body = parser.ParseBody();
        return parser._tokens.Current.Kind == TokenKind.End ? new Template(body) : throw parser._tokens.Error($"unexpected '{parser._tokens.Current.Value}'");
    }

    /// <summary>Up to one of the given words at the start of a block; that block's begin is taken, the word is not.</summary>
    private Body ParseBody(params string[] ends)
    {
        if (++_nesting > MaximumNesting)
        {
            throw _tokens.Error($"expected blocks nested at most {MaximumNesting} deep");
        }
        var statements = new List<Statement>();
        while (_tokens.Current.Kind != TokenKind.End)
        {
            if (_tokens.Current.Kind == TokenKind.Data)
            {
                statements.Add(new DataStatement(MarkedText.Template(_tokens.Next().Value)));
            }
            else if (_tokens.Skip(TokenKind.PrintBegin))
            {
                statements.Add(new PrintStatement(_expressions.Parse(tuples: true)));
                _tokens.Expect(TokenKind.PrintEnd);
            }
            else
            {
                _tokens.Expect(TokenKind.BlockBegin);
                if (ends.Any(_tokens.IsName))
                {
                    _nesting--;
                    return new Body(statements);
                }
                statements.Add(ParseStatement());
            }
        }
        _nesting--;
        return ends.Length == 0 ? new Body(statements) : throw _tokens.Error($"unexpected end of template, expected '{ends[^1]}'");
    }

    private Body ParseBlock(params string[] ends)
    {
        _tokens.Expect(TokenKind.BlockEnd);
        return ParseBody(ends);
    }

    private void EndBlock(string word)
    {
        if (!_tokens.SkipName(word))
        {
            throw _tokens.Error($"expected '{word}'");
        }
        _tokens.Expect(TokenKind.BlockEnd);
    }

    private Statement ParseStatement()
    {
        string word = _tokens.ExpectName();
        switch (word)
        {
            case "if":
                return ParseIf();
            case "for":
                return ParseFor();
            case "set":
                return ParseSet();
            case "macro":
                return ParseMacro();
            case "call":
                return ParseCall();
            case "with":
                return ParseWith();
            case "generation":
                Body generated = ParseBlock("endgeneration");
                EndBlock("endgeneration");
                return new WithStatement([], generated);
            case "filter":
                Func<Expression, Expression> filter = ParseFilters(first: true);
                Body filtered = ParseBlock("endfilter");
                EndBlock("endfilter");
                return new FilterStatement(filtered, filter);
            case "break" or "continue":
                _tokens.Expect(TokenKind.BlockEnd);
                return new LeaveStatement(word == "break" ? Flow.Break : Flow.Continue);
            default:
                throw _tokens.Error($"Encountered unknown tag '{word}'");
        }
    }

    private IfStatement ParseIf()
    {
        var branches = new List<(Expression, Body)>();
        Body? otherwise = null;
        do
        {
            Expression test = _expressions.Parse(tuples: true);
            branches.Add((test, ParseBlock("elif", "else", "endif")));
        }
        while (_tokens.SkipName("elif"));
        if (_tokens.SkipName("else"))
        {
            otherwise = ParseBlock("endif");
        }
        EndBlock("endif");
        return new IfStatement(branches, otherwise);
    }

    private ForStatement ParseFor()
    {
        Target target = ParseTarget(attributes: false);
        if (!_tokens.SkipName("in"))
        {
            throw _tokens.Error("expected 'in'");
        }
        Expression items = _expressions.Parse(tuples: true, conditions: false);
        Expression? filter = _tokens.SkipName("if") ? _expressions.Parse() : null;
        bool recursive = _tokens.SkipName("recursive");
        Body body = ParseBlock("else", "endfor");
        Body? otherwise = _tokens.SkipName("else") ? ParseBlock("endfor") : null;
        EndBlock("endfor");
        return new ForStatement(target, items, filter, recursive, body, otherwise);
    }

    private Statement ParseSet()
    {
        Target target = ParseTarget(attributes: true);
        if (_tokens.Skip("="))
        {
            Expression value = _expressions.Parse(tuples: true);
            _tokens.Expect(TokenKind.BlockEnd);
            return new SetStatement(target, value);
        }
        Func<Expression, Expression> filter = ParseFilters(first: false);
        Body body = ParseBlock("endset");
        EndBlock("endset");
        return new SetBlockStatement(target, body, filter);
    }

    private MacroStatement ParseMacro()
    {
        string name = _tokens.ExpectName();
        IReadOnlyList<(string, Expression?)> parameters = ParseParameters();
        Body body = ParseBlock("endmacro");
        EndBlock("endmacro");
        return new MacroStatement(name, parameters, body);
    }

    private CallStatement ParseCall()
    {
        IReadOnlyList<(string, Expression?)> parameters = _tokens.Is("(") ? ParseParameters() : [];
        if (_expressions.Parse() is not CallExpression call)
        {
            throw _tokens.Error("expected call");
        }
        Body body = ParseBlock("endcall");
        EndBlock("endcall");
        return new CallStatement(call, new MacroStatement("caller", parameters, body));
    }

    private WithStatement ParseWith()
    {
        var variables = new List<(Target, Expression)>();
        while (_tokens.Current.Kind != TokenKind.BlockEnd)
        {
            if (variables.Count > 0)
            {
                _tokens.Expect(",");
            }
            Target target = new(null, _tokens.ExpectName(), null);
            _tokens.Expect("=");
            variables.Add((target, _expressions.Parse()));
        }
        Body body = ParseBlock("endwith");
        EndBlock("endwith");
        return new WithStatement(variables, body);
    }

    private List<(string, Expression?)> ParseParameters()
    {
        _tokens.Expect("(");
        var parameters = new List<(string, Expression?)>();
        while (!_tokens.Skip(")"))
        {
            if (parameters.Count > 0)
            {
                _tokens.Expect(",");
            }
            string name = _tokens.ExpectName();
            parameters.Add((name, _tokens.Skip("=") ? _expressions.Parse() : null));
        }
        return parameters;
    }

    private Target ParseTarget(bool attributes)
    {
        var targets = new List<Target>();
        bool several = false;
        do
        {
            if (several && _tokens.EndsTuple)
            {
                break;
            }
            if (_tokens.Skip("("))
            {
                targets.Add(ParseTarget(attributes: false));
                _tokens.Expect(")");
                continue;
            }
            string name = _tokens.ExpectName();
            targets.Add(new Target(null, name, attributes && _tokens.Skip(".") ? _tokens.ExpectName() : null));
        }
        while (several = _tokens.Skip(","));
        return targets.Count == 1 && !several ? targets[0] : new Target(targets, "", null);
    }

    /// <summary>name | name(…) | …, to be put behind a value.</summary>
    private Func<Expression, Expression> ParseFilters(bool first)
    {
        var filters = new List<(string Name, ArgumentList Arguments)>();
        while (first || _tokens.Skip("|"))
        {
            first = false;
            string name = _tokens.ExpectDottedName();
            Filters.Require(name, _tokens);
            filters.Add((name, _tokens.Is("(") ? _expressions.Arguments() : ArgumentList.None));
        }
        return value => filters.Aggregate(value, (inner, filter) => new FilterExpression(inner, filter.Name, filter.Arguments));
    }
}
