namespace Factory.Runtime.Chat.Jinja;

/// <summary>A Python tuple.</summary>
internal sealed record TupleValue(IReadOnlyList<object?> Items);

/// <summary>What a name, key or attribute that does not exist evaluates to: false, empty, and an error where anything is asked of it.</summary>
internal sealed class Undefined(string name)
{
    public ChatTemplateError Error() => new($"'{name}' is undefined");
}

/// <summary>namespace(…): the one thing whose attributes templates may set.</summary>
internal sealed class NamespaceValue
{
    public Dictionary<string, object?> Attributes { get; } = [];
}

/// <summary>Something that can be called: a function, a method of a value, a macro.</summary>
internal sealed class Callable(Func<Arguments, object?> call)
{
    public object? Call(Arguments arguments) => call(arguments);
}

/// <summary>The arguments of a call, filter or test.</summary>
internal sealed class Arguments(IReadOnlyList<object?> positional, IReadOnlyDictionary<string, object?>? named = null)
{
    private static readonly Dictionary<string, object?> None = [];

    public IReadOnlyList<object?> Positional { get; } = positional;

    public IReadOnlyDictionary<string, object?> Named { get; } = named ?? None;

    public bool Has(int index, string name) => index < Positional.Count || Named.ContainsKey(name);

    public object? Get(int index, string name, object? fallback) =>
        index < Positional.Count ? Positional[index] : Named.TryGetValue(name, out object? value) ? value : fallback;

    public object? Required(int index, string name) => Has(index, name) ? Get(index, name, null) : throw new ChatTemplateError($"missing argument '{name}'");

    public MarkedText Text(int index, string name) => Values.AsText(Required(index, name), name);

    public long Whole(int index, string name, long fallback) => Values.AsWhole(Get(index, name, fallback), name);

    public bool Truth(int index, string name, bool fallback) => Values.IsTrue(Get(index, name, fallback));

    public Arguments After(int count) => new([.. Positional.Skip(count)], Named);
}
