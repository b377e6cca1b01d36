using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Factory.Core;

namespace Factory.Trainer.Recipes;

/// <summary>A setting of type <typeparamref name="T"/>.</summary>
/// <param name="get">Reads it.</param>
/// <param name="with">Replaces it.</param>
/// <param name="holds">Whether a value is in range.</param>
/// <param name="expected">The range, as in "expected …".</param>
internal sealed class TypedSetting<T>(
    string section, string name, string help, bool mayChange, Func<Recipe, T> get, Func<Recipe, T, Recipe> with, Func<T, bool> holds, string expected)
    : Setting(section, name, help, mayChange) where T : notnull
{
    public override JsonValueKind Kind =>
        typeof(T) == typeof(bool) ? JsonValueKind.True : typeof(T) == typeof(string) || typeof(T).IsEnum ? JsonValueKind.String : JsonValueKind.Number;

    public override string Text(Recipe recipe) => get(recipe) switch
    {
        bool flag => flag ? "true" : "false",
        Enum choice => KebabCase(choice.ToString()),
        T value => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    public override JsonNode Json(Recipe recipe) => get(recipe) switch
    {
        Enum => JsonValue.Create(Text(recipe)),
        T value => JsonValue.Create(value)!,
    };

    public override object Parse(string text)
    {
        if (typeof(T).IsEnum)
        {
            foreach (object choice in Enum.GetValuesAsUnderlyingType(typeof(T)).Cast<object>().Select(value => Enum.ToObject(typeof(T), value)))
            {
                if (KebabCase(choice.ToString()!) == text)
                {
                    return choice;
                }
            }
            throw Wrong(text);
        }
        return typeof(T) switch
        {
            Type type when type == typeof(string) => text,
            Type type when type == typeof(bool) => bool.TryParse(text, out bool flag) ? flag : throw Wrong(text),
            Type type when type == typeof(int) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) ? number : throw Wrong(text),
            Type type when type == typeof(long) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) ? number : throw Wrong(text),
            Type type when type == typeof(ulong) => ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number) ? number : throw Wrong(text),
            _ => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : throw Wrong(text),
        };
    }

    public override Recipe With(Recipe recipe, object value) => with(recipe, (T)value);

    public override void Check(Recipe recipe)
    {
        if (!holds(get(recipe)))
        {
            throw Wrong(Text(recipe));
        }
    }

    private SettingError Wrong(string text) => new(Name, $"expected {expected}, found {(typeof(T) == typeof(string) || text.Length == 0 ? $"'{text}'" : text)}.");

    private static string KebabCase(string name) =>
        string.Concat(name.Select((letter, index) => char.IsUpper(letter) ? $"{(index > 0 ? "-" : "")}{char.ToLowerInvariant(letter)}" : letter.ToString()));
}
