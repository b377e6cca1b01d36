namespace Factory.Core;

/// <summary>
/// A mistake that the person at the keyboard can mend. The message is one line: what was expected, what was found,
/// where, and what to do next. Executables print it to stderr and exit with 2; the server answers 4xx.
/// </summary>
public class UserError : Exception
{
    public UserError(string message) : base(message) { }

    public UserError(string message, Exception cause) : base(message, cause) { }
}
