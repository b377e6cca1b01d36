namespace Factory.Trainer.Recipes;

/// <summary>Values that were given, by setting: from a file, from the command line, or both.</summary>
public sealed class RecipeChanges
{
    private readonly Dictionary<Setting, object> _values = [];

    /// <summary>What <paramref name="recipe"/> computes with, so that another run does not look at the machine again.</summary>
    public static RecipeChanges MachineOf(Recipe recipe) =>
        new RecipeChanges().Set("precision", RecipeSettings.Named("precision").Text(recipe)).Set("kernels", recipe.Run.Kernels);

    public bool Has(string name) => _values.ContainsKey(RecipeSettings.Named(name));

    /// <summary>What was given.</summary>
    public IEnumerable<Setting> Settings => _values.Keys;

    /// <summary>The value given for a setting; null where none was.</summary>
    public T? Value<T>(string name) => _values.TryGetValue(RecipeSettings.Named(name), out object? value) ? (T)value : default;

    /// <summary>Takes a value that <see cref="Setting.Parse(string)"/> gave; a later one replaces an earlier one.</summary>
    public RecipeChanges Set(Setting setting, object value)
    {
        _values[setting] = value;
        return this;
    }

    /// <summary>Takes a value as text; the word for a choice by the machine takes an earlier one back.</summary>
    /// <exception cref="Core.SettingError">The text is no such value.</exception>
    public RecipeChanges SetText(Setting setting, string text)
    {
        if (setting.HasAuto && text == Setting.Auto)
        {
            _values.Remove(setting);
            return this;
        }
        return Set(setting, setting.Parse(text));
    }

    /// <summary>As the command line would set it.</summary>
    public RecipeChanges Set(string name, string text)
    {
        return SetText(RecipeSettings.Named(name), text);
    }

    /// <summary>These values, and those of <paramref name="stronger"/> in their place.</summary>
    public RecipeChanges With(RecipeChanges stronger)
    {
        var both = new RecipeChanges();
        foreach ((Setting setting, object value) in _values.Concat(stronger._values))
        {
            both.Set(setting, value);
        }
        return both;
    }

    /// <summary><paramref name="recipe"/> with these values in place of its own; not validated.</summary>
    public Recipe Over(Recipe recipe) =>
        RecipeSettings.All.Where(_values.ContainsKey).Aggregate(recipe, (changed, setting) => setting.With(changed, _values[setting]));
}
