using System.Text.Json;
using System.Text.Json.Nodes;
using Factory.Core;

namespace Factory.Trainer.Recipes;

/// <summary>One value of a <see cref="Recipe"/>: its name, where it stands, what it may be and what it does.</summary>
/// <param name="section">Object of the JSON form; "" for the top.</param>
/// <param name="name">Key in that object, in snake_case; unique over all sections. The option on the command line.</param>
/// <param name="help">What it does, for <c>--help</c>.</param>
/// <param name="mayChange">Whether a resumed run may have another value: it changes neither weights nor losses, or is checked by itself.</param>
public abstract class Setting(string section, string name, string help, bool mayChange)
{
    public string Section => section;

    public string Name => name;

    public string Help => help;

    public bool MayChange => mayChange;

    /// <summary>The text that stands for a choice made on the machine at the start, as if nothing had been given.</summary>
    public const string Auto = "auto";

    /// <summary>Whether <see cref="Auto"/> may be given.</summary>
    public bool HasAuto => name is "precision" or "kernels";

    /// <summary>Kind of the JSON value.</summary>
    public abstract JsonValueKind Kind { get; }

    /// <summary>The value as the command line takes it.</summary>
    public abstract string Text(Recipe recipe);

    /// <summary>The value as JSON.</summary>
    public abstract JsonNode Json(Recipe recipe);

    /// <exception cref="SettingError">The text is no such value.</exception>
    public abstract object Parse(string text);

    /// <exception cref="SettingError">The JSON is no such value.</exception>
    public object Parse(JsonElement json)
    {
        JsonValueKind kind = json.ValueKind == JsonValueKind.False ? JsonValueKind.True : json.ValueKind;
        return kind == Kind
            ? Parse(json.ValueKind == JsonValueKind.String ? json.GetString()! : json.GetRawText())
            : throw new SettingError(name, $"expected {(Kind switch { JsonValueKind.String => "a string", JsonValueKind.True => "true or false", _ => "a number" })}, found {json.GetRawText()}.");
    }

    /// <summary><paramref name="recipe"/> with a value that <see cref="Parse(string)"/> gave.</summary>
    public abstract Recipe With(Recipe recipe, object value);

    /// <exception cref="SettingError">The recipe's value is out of range.</exception>
    public abstract void Check(Recipe recipe);
}
