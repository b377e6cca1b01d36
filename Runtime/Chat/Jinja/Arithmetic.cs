using System.Globalization;
using System.Text;

namespace Factory.Runtime.Chat.Jinja;

/// <summary>Python's arithmetic on a template's values.</summary>
internal static class Arithmetic
{
    public static object? Apply(string sign, object? left, object? right, Budget budget)
    {
        foreach (object? side in new[] { left, right })
        {
            if (side is Undefined undefined)
            {
                throw undefined.Error();
            }
        }
        try
        {
            return (sign, left, right) switch
            {
                ("+", MarkedText a, MarkedText b) => Joined(a, b, budget),
                ("+", List<object?> a, List<object?> b) => Joined(a, b, budget),
                ("+", TupleValue a, TupleValue b) => new TupleValue(Joined(a.Items, b.Items, budget)),
                ("*", MarkedText text, long or bool) => MarkedText.Join(Repeated(text, (long)Values.AsNumber(right), text.Length, budget)),
                ("*", long or bool, MarkedText text) => MarkedText.Join(Repeated(text, (long)Values.AsNumber(left), text.Length, budget)),
                ("*", List<object?> list, long or bool) => Repeated(list, (long)Values.AsNumber(right), list.Count, budget).SelectMany(part => part).ToList(),
                ("%", MarkedText format, _) => Format(format, right),
                (_, bool or long or double, bool or long or double) => Numbers(sign, left, right),
                ("+", MarkedText, _) => throw new ChatTemplateError($"can only concatenate str (not \"{Values.KindOf(right)}\") to str"),
                _ => throw new ChatTemplateError($"unsupported operand type(s) for {sign}: '{Values.KindOf(left)}' and '{Values.KindOf(right)}'"),
            };
        }
        catch (OverflowException)
        {
            throw new ChatTemplateError($"{sign}: expected numbers of 64 bits, found a larger result");
        }
    }

    public static object Negate(object? value) => value is double number ? -number : (object)-(long)Values.AsNumber(value);

    private static MarkedText Joined(MarkedText left, MarkedText right, Budget budget)
    {
        budget.Spend(left.Length + right.Length);
        return left + right;
    }

    private static List<object?> Joined(IReadOnlyList<object?> left, IReadOnlyList<object?> right, Budget budget)
    {
        budget.Spend(left.Count + right.Count);
        return [.. left, .. right];
    }

    private static IEnumerable<T> Repeated<T>(T value, long times, int size, Budget budget)
    {
        times = Math.Max(times, 0);
        budget.Spend(times > Budget.MaximumWork ? Budget.MaximumWork + 1 : times * (size + 1));
        return Enumerable.Repeat(value, (int)times);
    }

    private static object Numbers(string sign, object? left, object? right)
    {
        if (sign == "/")
        {
            return Divided(Values.AsNumber(left), Values.AsNumber(right), (a, b) => a / b);
        }
        if (left is double || right is double || (sign == "**" && Values.AsNumber(right) < 0))
        {
            (double a, double b) = (Values.AsNumber(left), Values.AsNumber(right));
            return sign switch
            {
                "+" => a + b,
                "-" => a - b,
                "*" => a * b,
                "//" => Divided(a, b, (x, y) => Math.Floor(x / y)),
                "%" => Divided(a, b, (x, y) => x - (y * Math.Floor(x / y))),
                _ => Math.Pow(a, b),
            };
        }
        (long m, long n) = ((long)Values.AsNumber(left), (long)Values.AsNumber(right));
        if (sign is "//" or "%")
        {
            (long quotient, long rest) = n == 0 ? throw new ChatTemplateError("integer division or modulo by zero") : n == -1 ? (checked(-m), 0) : Math.DivRem(m, n);
            bool below = rest != 0 && (rest < 0) != (n < 0);
            return sign == "//" ? quotient - (below ? 1 : 0) : rest + (below ? n : 0);
        }
        return checked(sign switch
        {
            "+" => m + n,
            "-" => m - n,
            "*" => m * n,
            _ => Power(m, n),
        });
    }

    private static double Divided(double left, double right, Func<double, double, double> divide) =>
        right == 0 ? throw new ChatTemplateError("division by zero") : divide(left, right);

    private static long Power(long value, long exponent)
    {
        long result = 1;
        for (long i = 0; i < exponent && !(value is 0 or 1 && i > 0); i++)
        {
            result = checked(result * value);
        }
        return result;
    }

    /// <summary>'%s of %d' % (…): the conversions s, r, d, i, f and %%.</summary>
    public static MarkedText Format(MarkedText format, object? values)
    {
        IReadOnlyList<object?> given = values is TupleValue tuple ? tuple.Items : [values];
        var parts = new List<MarkedText>();
        int used = 0;
        for (int at = 0; at < format.Length;)
        {
            int next = format.Text.IndexOf('%', at);
            parts.Add(format.Slice(at, (next < 0 ? format.Length : next) - at));
            if (next < 0)
            {
                break;
            }
            at = next + 1;
            var width = new StringBuilder();
            while (at < format.Length && (char.IsAsciiDigit(format.Text[at]) || format.Text[at] is '.' or '-'))
            {
                width.Append(format.Text[at++]);
            }
            char kind = at < format.Length ? format.Text[at++] : throw new ChatTemplateError("incomplete format");
            if (kind == '%')
            {
                parts.Add(MarkedText.Template("%"));
                continue;
            }
            object? value = used < given.Count ? given[used++] : throw new ChatTemplateError("not enough arguments for format string");
            parts.Add(Convert(kind, width.ToString(), value));
        }
        return used == given.Count || values is DictValue ? MarkedText.Join(parts) : throw new ChatTemplateError("not all arguments converted during string formatting");
    }

    private static MarkedText Convert(char kind, string width, object? value)
    {
        string[] sizes = width.Split('.');
        MarkedText text = kind switch
        {
            's' => PythonText.FromValue(value),
            'r' => MarkedText.FromConversation(PythonText.Represent(value)),
            'd' or 'i' => MarkedText.Template(((long)Math.Truncate(Values.AsNumber(value))).ToString(CultureInfo.InvariantCulture)),
            'f' => MarkedText.Template(Values.AsNumber(value).ToString($"F{(sizes.Length > 1 ? Math.Min(Size(sizes[1]), 60) : 6)}", CultureInfo.InvariantCulture)),
            _ => throw new ChatTemplateError($"expected a format of s, r, d, i or f, found '{kind}'"),
        };
        int room = Size(sizes[0].TrimStart('-'));
        char filler = sizes[0].StartsWith('0') && kind is 'd' or 'f' ? '0' : ' ';
        MarkedText padding = MarkedText.Template(new string(filler, Math.Max(room - text.Length, 0)));
        return sizes[0].StartsWith('-') ? text + padding : padding + text;
    }

    private static int Size(string digits) => digits.Length == 0 ? 0 : int.TryParse(digits, out int size) && size <= 1000 ? size : throw new ChatTemplateError("expected a width of at most 1000");
}
