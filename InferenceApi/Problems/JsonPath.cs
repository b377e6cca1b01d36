namespace Factory.InferenceApi.Problems;

/// <summary>Reads the serializer's paths: <c>$.messages[2].role</c>, <c>$['a.b']</c>.</summary>
internal static class JsonPath
{
    /// <summary>Names and indices from the root on.</summary>
    public static IEnumerable<string> Steps(string path)
    {
        int at = 1;
        while (at < path.Length)
        {
            bool quoted = path.AsSpan(at).StartsWith("['", StringComparison.Ordinal);
            bool indexed = path[at] == '[';
            int start = at + (quoted ? 2 : 1);
            // A name in quotes may hold anything; the serializer does not escape it, and only the last name can be a stranger's.
            int end = quoted ? path.LastIndexOf("']", StringComparison.Ordinal) : indexed ? path.IndexOf(']', start) : path.AsSpan(start).IndexOfAny('.', '[');
            end = end < 0 ? path.Length : !quoted && !indexed ? start + end : end;
            yield return path[start..end];
            at = end + (quoted ? 2 : indexed ? 1 : 0);
        }
    }
}
