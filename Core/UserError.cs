namespace Factory.Core;

/// <summary>
/// A mistake that the person at the keyboard can mend. The message is one line: what was expected, what was found,
/// where, and what to do next. Executables print it to stderr and exit with 2; the server answers 4xx.
/// </summary>
public class UserError : Exception
{
    public UserError(string message) : base(OneLine(message)) { }

    public UserError(string message, Exception cause) : base(OneLine(message), cause) { }

    /// <summary>What was found may hold anything; a line end or a terminal's control character of it stays out of the message.</summary>
    private static string OneLine(string message) =>
        message.Any(char.IsControl) ? string.Concat(message.ReplaceLineEndings(" ").Select(character => char.IsControl(character) ? ' ' : character)) : message;
}
