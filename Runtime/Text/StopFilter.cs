namespace Factory.Runtime;

/// <summary>Lets text through up to the first stop string, holding back an end that may yet become one.</summary>
internal sealed class StopFilter(IReadOnlyList<string> stops)
{
    private string _held = "";

    /// <summary>Whether a stop string was met; nothing passes after it.</summary>
    public bool Stopped { get; private set; }

    /// <summary>Adds text; returns what is certainly in front of any stop string.</summary>
    public string Append(string text)
    {
        if (Stopped)
        {
            return "";
        }
        _held += text;
        int stop = stops.Select(each => _held.IndexOf(each, StringComparison.Ordinal)).Where(at => at >= 0).DefaultIfEmpty(-1).Min();
        Stopped = stop >= 0;
        int free = Stopped ? stop : _held.Length - PossibleStart();
        string passed = _held[..free];
        _held = _held[free..];
        return passed;
    }

    /// <summary>What was held back and did not become a stop string, once the text is at its end.</summary>
    public string Flush() => Stopped ? "" : _held;

    /// <summary>Length of the longest end of the held text that a stop string starts with.</summary>
    private int PossibleStart()
    {
        int longest = Math.Min(_held.Length, stops.Select(stop => stop.Length - 1).DefaultIfEmpty(0).Max());
        for (int length = longest; length > 0; length--)
        {
            string end = _held[^length..];
            if (stops.Any(stop => stop.StartsWith(end, StringComparison.Ordinal)))
            {
                return length;
            }
        }
        return 0;
    }
}
