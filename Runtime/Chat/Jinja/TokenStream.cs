namespace Factory.Runtime.Chat.Jinja;

/// <summary>A template's tokens, read from front to back.</summary>
internal sealed class TokenStream(IReadOnlyList<Token> tokens)
{
    private static readonly string[] NoValues = ["else", "or", "and", "is", "if", "in", "not", "recursive"];

    private int _at;

    public Token Current => tokens[_at];

    /// <summary>Whether what follows can be the argument of a test without brackets.</summary>
    public bool StartsValue => Current.Kind switch
    {
        TokenKind.Name => !NoValues.Contains(Current.Value),
        TokenKind.Text or TokenKind.Whole or TokenKind.Number => true,
        TokenKind.Sign => Current.Value is "[" or "{",
        _ => false,
    };

    public bool EndsTuple => Current.Kind is TokenKind.PrintEnd or TokenKind.BlockEnd || Is(")") || Is("]") || Is("=") || IsName("in");

    public Token Next() => Current.Kind == TokenKind.End ? throw Error("unexpected end of template") : tokens[_at++];

    public bool Is(string sign) => Current.Kind == TokenKind.Sign && Current.Value == sign;

    public bool IsNext(string sign) => _at + 1 < tokens.Count && tokens[_at + 1] is { Kind: TokenKind.Sign } next && next.Value == sign;

    public bool IsName(string name) => Current.Kind == TokenKind.Name && Current.Value == name;

    public bool IsNextName(string name) => _at + 1 < tokens.Count && tokens[_at + 1] is { Kind: TokenKind.Name } next && next.Value == name;

    public bool Skip(string sign) => Is(sign) && Advance();

    public bool SkipName(string name) => IsName(name) && Advance();

    public bool Skip(TokenKind kind) => Current.Kind == kind && Advance();

    public string? SkipAny(params ReadOnlySpan<string> signs)
    {
        foreach (string sign in signs)
        {
            if (Skip(sign))
            {
                return sign;
            }
        }
        return null;
    }

    public void Expect(string sign)
    {
        if (!Skip(sign))
        {
            throw Error($"expected token '{sign}', got '{Spelling(Current)}'");
        }
    }

    public void Expect(TokenKind kind)
    {
        if (!Skip(kind))
        {
            throw Error($"expected {kind}, got '{Spelling(Current)}'");
        }
    }

    public string ExpectName() => Current.Kind == TokenKind.Name ? Next().Value : throw Error($"expected a name, got '{Spelling(Current)}'");

    public string ExpectDottedName()
    {
        string name = ExpectName();
        while (Is(".") && tokens[_at + 1].Kind == TokenKind.Name)
        {
            Next();
            name += "." + Next().Value;
        }
        return name;
    }

    public ChatTemplateError Unexpected(Token token) => Error($"unexpected '{Spelling(token)}'");

    public ChatTemplateError Error(string message) => new($"line {Current.Line}: {message}");

    private static string Spelling(Token token) => token.Kind switch
    {
        TokenKind.PrintEnd => "}}",
        TokenKind.BlockEnd => "%}",
        TokenKind.End => "end of template",
        _ => token.Value,
    };

    private bool Advance()
    {
        _at++;
        return true;
    }
}
