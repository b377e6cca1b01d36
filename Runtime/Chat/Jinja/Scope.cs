namespace Factory.Runtime.Chat.Jinja;

/// <summary>Variables by name; what is not here is looked for in the scope around it.</summary>
internal sealed class Scope(Scope? outer)
{
    private Dictionary<string, object?>? _variables;

    public void Set(string name, object? value) => (_variables ??= [])[name] = value;

    public object? Get(string name)
    {
        for (Scope? scope = this; scope is not null; scope = scope.Outer)
        {
            if (scope._variables is not null && scope._variables.TryGetValue(name, out object? value))
            {
                return value;
            }
        }
        return new Undefined(name);
    }

    private Scope? Outer { get; } = outer;
}
