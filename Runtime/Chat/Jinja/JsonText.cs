using System.Globalization;
using System.Text;

namespace Factory.Runtime.Chat.Jinja;

/// <summary>The filter <c>tojson</c> as transformers has it: Python's json.dumps, without the escapes of HTML.</summary>
internal static class JsonText
{
    public static string FromValue(object? value, Arguments arguments, Budget budget)
    {
        object? given = arguments.Get(1, "indent", null);
        string? indent = given switch
        {
            null => null,
            MarkedText text => text.Text,
            _ => new string(' ', (int)Math.Clamp(Values.AsWhole(given, "indent"), 0, 100)),
        };
        (string item, string key) = arguments.Get(2, "separators", null) is TupleValue { Items: [MarkedText between, MarkedText after] }
            ? (between.Text, after.Text)
            : (indent is null ? ", " : ",", ": ");
        var writer = new Writer(arguments.Truth(0, "ensure_ascii", false), indent, item, key, arguments.Truth(3, "sort_keys", false), budget);
        writer.Write(value, 0);
        return writer.ToString();
    }

    private sealed class Writer(bool ascii, string? indent, string itemSeparator, string keySeparator, bool sortKeys, Budget budget)
    {
        private readonly StringBuilder _text = new();

        public override string ToString() => _text.ToString();

        public void Write(object? value, int depth)
        {
            budget.Enter();
            switch (value)
            {
                case null:
                    Append("null");
                    break;
                case bool truth:
                    Append(truth ? "true" : "false");
                    break;
                case long whole:
                    Append(whole.ToString(CultureInfo.InvariantCulture));
                    break;
                case double number:
                    Append(double.IsNaN(number) ? "NaN" : double.IsInfinity(number) ? number > 0 ? "Infinity" : "-Infinity" : PythonText.Number(number));
                    break;
                case MarkedText text:
                    Quote(text.Text);
                    break;
                case DictValue dict:
                    IEnumerable<KeyValuePair<object?, object?>> items = sortKeys ? dict.Items.OrderBy(item => KeyText(item.Key), StringComparer.Ordinal) : dict.Items;
                    WriteItems('{', '}', [.. items], depth, item =>
                    {
                        Quote(KeyText(item.Key));
                        Append(keySeparator);
                        Write(item.Value, depth + 1);
                    });
                    break;
                case List<object?> or TupleValue:
                    WriteItems('[', ']', [.. Values.Iterate(value, budget)], depth, item => Write(item, depth + 1));
                    break;
                default:
                    throw new ChatTemplateError($"Object of type {Values.KindOf(value)} is not JSON serializable");
            }
            budget.Leave();
        }

        private void WriteItems<T>(char open, char close, List<T> items, int depth, Action<T> write)
        {
            Append(open.ToString());
            for (int i = 0; i < items.Count; i++)
            {
                Append(i > 0 ? itemSeparator : "");
                NewLine(depth + 1);
                write(items[i]);
            }
            if (items.Count > 0)
            {
                NewLine(depth);
            }
            Append(close.ToString());
        }

        private void NewLine(int depth)
        {
            if (indent is not null)
            {
                Append("\n");
                for (int i = 0; i < depth; i++)
                {
                    Append(indent);
                }
            }
        }

        private void Quote(string text)
        {
            Append("\"");
            foreach (char character in text)
            {
                Append(character switch
                {
                    '"' => "\\\"",
                    '\\' => "\\\\",
                    '\n' => "\\n",
                    '\r' => "\\r",
                    '\t' => "\\t",
                    '\b' => "\\b",
                    '\f' => "\\f",
                    < ' ' => $"\\u{(int)character:x4}",
                    > '~' when ascii => $"\\u{(int)character:x4}",
                    _ => character.ToString(),
                });
            }
            Append("\"");
        }

        private void Append(string text)
        {
            budget.Spend(text.Length);
            _text.Append(text);
        }

        private static string KeyText(object? key) => key switch
        {
            MarkedText text => text.Text,
            null => "null",
            bool truth => truth ? "true" : "false",
            _ => PythonText.FromValue(key).Text,
        };
    }
}
