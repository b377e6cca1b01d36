using System.Text.Json;

namespace Factory.Core.Disk;

/// <summary>What a JSON parser complains of, in words for people: the sentence, and the place counted from one.</summary>
public static class JsonProblem
{
    /// <summary>"line 3, byte 7: 'x' is an invalid start of a value."; in a text of one line "byte 7: …".</summary>
    public static string Describe(JsonException error)
    {
        string message = error.Message;
        foreach (string place in new[] { " Path: ", " LineNumber: " })
        {
            int at = message.IndexOf(place, StringComparison.Ordinal);
            message = at < 0 ? message : message[..at];
        }
        if (message.StartsWith("The JSON value could not be converted", StringComparison.Ordinal))
        {
            // The sentence goes on with the name of a class.
            message = "a value of another type";
        }
        string path = error.Path is null or "$" or "" ? "" : $" (at {error.Path})";
        string where = (error.LineNumber, error.BytePositionInLine) switch
        {
            (null, _) or (_, null) => "",
            (0, long column) => FormattableString.Invariant($"byte {column + 1}: "),
            (long line, long column) => FormattableString.Invariant($"line {line + 1}, byte {column + 1}: "),
        };
        return $"{where}{message.TrimEnd('.')}{path}.";
    }
}
