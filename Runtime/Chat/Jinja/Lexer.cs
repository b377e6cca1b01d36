namespace Factory.Runtime.Chat.Jinja;

/// <summary>Cuts a template into tokens, with trim_blocks and lstrip_blocks as transformers sets them.</summary>
internal sealed class Lexer
{
    private static readonly string[] Signs = ["**", "//", "==", "!=", "<=", ">=", "+", "-", "*", "/", "%", "~", "<", ">", "=", "(", ")", "[", "]", "{", "}", ",", ":", ".", "|", ";"];

    private readonly string _source;
    private readonly List<Token> _tokens = [];
    private int _at;
    private int _counted;
    private int _line = 1;
    private bool _lineStarts = true;

    private Lexer(string source) => _source = source;

    public static List<Token> Read(string source)
    {
        string lines = source.ReplaceLineEndings("\n");
        var lexer = new Lexer(lines.EndsWith('\n') ? lines[..^1] : lines);
        lexer.ReadAll();
        lexer.Add(TokenKind.End, "");
        return lexer._tokens;
    }

    private int Line
    {
        get
        {
            int at = Math.Min(_at, _source.Length);
            if (at > _counted)
            {
                _line += _source.AsSpan(_counted, at - _counted).Count('\n');
                _counted = at;
            }
            return _line;
        }
    }

    private void ReadAll()
    {
        while (_at < _source.Length)
        {
            int tag = NextTag(_at);
            string data = _source[_at..(tag < 0 ? _source.Length : tag)];
            if (tag < 0)
            {
                Add(TokenKind.Data, data);
                return;
            }
            char kind = _source[tag + 1];
            char sign = tag + 2 < _source.Length ? _source[tag + 2] : ' ';
            Add(TokenKind.Data, Before(data, kind, sign));
            _at = tag + 2 + (sign is '-' || (sign is '+' && kind != '{') ? 1 : 0);
            switch (kind)
            {
                case '#':
                    int end = _source.IndexOf("#}", _at, StringComparison.Ordinal);
                    _at = end < 0 ? throw Error("Missing end of comment tag") : end + 2;
                    EndBlock(_source[end - 1]);
                    break;
                case '%' when Raw():
                    break;
                default:
                    ReadTag(kind == '{' ? TokenKind.PrintBegin : TokenKind.BlockBegin);
                    break;
            }
        }
    }

    private int NextTag(int from)
    {
        for (int at = from; (at = _source.IndexOf('{', at)) >= 0 && at + 1 < _source.Length; at++)
        {
            if (_source[at + 1] is '{' or '%' or '#')
            {
                return at;
            }
        }
        return -1;
    }

    /// <summary>The data in front of a tag, without what the tag takes away.</summary>
    private string Before(string data, char kind, char sign)
    {
        if (sign == '-')
        {
            return data.TrimEnd();
        }
        if (kind == '{' || sign == '+')
        {
            return data;
        }
        int line = data.LastIndexOf('\n') + 1;
        return (line > 0 || _lineStarts) && string.IsNullOrWhiteSpace(data[line..]) ? data[..line] : data;
    }

    private void EndBlock(char sign)
    {
        if (sign == '-')
        {
            SkipSpace();
        }
        else if (sign != '+' && _at < _source.Length && _source[_at] == '\n')
        {
            _at++;
        }
        _lineStarts = _at > 0 && _source[_at - 1] == '\n';
    }

    /// <summary>{% raw %} … {% endraw %}</summary>
    private bool Raw()
    {
        int start = _at;
        SkipSpace();
        if (string.CompareOrdinal(_source, _at, "raw", 0, 3) != 0)
        {
            _at = start;
            return false;
        }
        _at += 3;
        SkipSpace();
        bool strip = _at < _source.Length && _source[_at] == '-';
        _at += strip || (_at < _source.Length && _source[_at] == '+') ? 1 : 0;
        if (string.CompareOrdinal(_source, _at, "%}", 0, 2) != 0)
        {
            _at = start;
            return false;
        }
        _at += 2;
        EndBlock(strip ? '-' : ' ');
        for (int tag = _at; (tag = _source.IndexOf("{%", tag, StringComparison.Ordinal)) >= 0; tag++)
        {
            int at = tag + 2;
            char sign = at < _source.Length ? _source[at] : ' ';
            at += sign is '-' or '+' ? 1 : 0;
            while (at < _source.Length && char.IsWhiteSpace(_source[at]))
            {
                at++;
            }
            if (string.CompareOrdinal(_source, at, "endraw", 0, 6) == 0)
            {
                int end = _source.IndexOf("%}", at, StringComparison.Ordinal);
                Add(TokenKind.Data, Before(_source[_at..tag], '%', sign));
                _at = end < 0 ? throw Error("Missing end of raw directive") : end + 2;
                EndBlock(_source[end - 1]);
                return true;
            }
        }
        throw Error("Missing end of raw directive");
    }

    private void ReadTag(TokenKind begin)
    {
        string close = begin == TokenKind.PrintBegin ? "}}" : "%}";
        Add(begin, "");
        int open = 0;
        while (true)
        {
            SkipSpace();
            if (_at >= _source.Length)
            {
                throw Error($"unexpected end of template, expected '{close}'");
            }
            char sign = _source[_at];
            bool signed = sign is '-' or '+' && string.CompareOrdinal(_source, _at + 1, close, 0, 2) == 0 && !(sign == '+' && begin == TokenKind.PrintBegin);
            if (open == 0 && (signed || string.CompareOrdinal(_source, _at, close, 0, 2) == 0))
            {
                _at += signed ? 3 : 2;
                Add(begin == TokenKind.PrintBegin ? TokenKind.PrintEnd : TokenKind.BlockEnd, "");
                if (begin == TokenKind.BlockBegin)
                {
                    EndBlock(signed ? sign : ' ');
                }
                else
                {
                    if (signed)
                    {
                        SkipSpace();
                    }
                    _lineStarts = signed && _source[_at - 1] == '\n';
                }
                return;
            }
            open += ReadOne();
        }
    }

    /// <returns>How many brackets it opens (1), closes (-1) or not (0).</returns>
    private int ReadOne()
    {
        char first = _source[_at];
        if (char.IsLetter(first) || first == '_')
        {
            int start = _at;
            while (_at < _source.Length && (char.IsLetterOrDigit(_source[_at]) || _source[_at] == '_'))
            {
                _at++;
            }
            Add(TokenKind.Name, _source[start.._at]);
            return 0;
        }
        if (char.IsAsciiDigit(first))
        {
            ReadNumber();
            return 0;
        }
        if (first is '"' or '\'')
        {
            Add(TokenKind.Text, TextLiteral.Read(_source, ref _at, Error));
            return 0;
        }
        string sign = Signs.FirstOrDefault(candidate => string.CompareOrdinal(_source, _at, candidate, 0, candidate.Length) == 0) ?? throw Error($"unexpected char '{first}'");
        Add(TokenKind.Sign, sign);
        _at += sign.Length;
        return sign is "(" or "[" or "{" ? 1 : sign is ")" or "]" or "}" ? -1 : 0;
    }

    private void ReadNumber()
    {
        int start = _at;
        Digits();
        bool fraction = _at + 1 < _source.Length && _source[_at] == '.' && char.IsAsciiDigit(_source[_at + 1]);
        if (fraction)
        {
            _at++;
            Digits();
        }
        int mark = _at;
        if (_at < _source.Length && _source[_at] is 'e' or 'E')
        {
            _at++;
            _at += _at < _source.Length && _source[_at] is '+' or '-' ? 1 : 0;
            int digits = _at;
            Digits();
            _at = _at == digits ? mark : _at;
        }
        Add(fraction || _at > mark ? TokenKind.Number : TokenKind.Whole, _source[start.._at].Replace("_", "", StringComparison.Ordinal));

        void Digits()
        {
            while (_at < _source.Length && (char.IsAsciiDigit(_source[_at]) || _source[_at] == '_'))
            {
                _at++;
            }
        }
    }

    private void SkipSpace()
    {
        while (_at < _source.Length && char.IsWhiteSpace(_source[_at]))
        {
            _at++;
        }
    }

    private void Add(TokenKind kind, string value)
    {
        if (kind != TokenKind.Data || value.Length > 0)
        {
            _tokens.Add(new Token(kind, value, Line));
        }
    }

    private ChatTemplateError Error(string message) => new($"line {Line}: {message}");
}
