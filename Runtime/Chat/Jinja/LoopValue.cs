namespace Factory.Runtime.Chat.Jinja;

/// <summary>The variable <c>loop</c> inside a for.</summary>
internal sealed class LoopValue(List<object?> items, int depth, Callable? recursion, Budget budget)
{
    private object? _last = new Undefined("changed");

    public int Index { get; set; }

    /// <summary>Calling it goes over other items with the same body (<c>for … recursive</c>).</summary>
    public Callable? Recursion { get; } = recursion;

    public Func<string, bool> HasNullAttribute => name => (name == "previtem" && Index > 0 && items[Index - 1] is null) || (name == "nextitem" && Index + 1 < items.Count && items[Index + 1] is null);

    public object? Attribute(string name) => name switch
    {
        "index" => Index + 1L,
        "index0" => (long)Index,
        "revindex" => (long)(items.Count - Index),
        "revindex0" => (long)(items.Count - Index - 1),
        "first" => Index == 0,
        "last" => Index == items.Count - 1,
        "length" => (long)items.Count,
        "depth" => depth + 1L,
        "depth0" => (long)depth,
        "previtem" => Index > 0 ? items[Index - 1] : new Undefined("there is no previous item"),
        "nextitem" => Index + 1 < items.Count ? items[Index + 1] : new Undefined("there is no next item"),
        "cycle" => new Callable(arguments => arguments.Positional.Count > 0 ? arguments.Positional[Index % arguments.Positional.Count] : throw new ChatTemplateError("no items for cycling given")),
        "changed" => new Callable(arguments =>
        {
            var now = new TupleValue(arguments.Positional);
            bool same = _last is TupleValue before && Values.AreEqual(before, now, budget);
            _last = now;
            return !same;
        }),
        _ => null,
    };
}
