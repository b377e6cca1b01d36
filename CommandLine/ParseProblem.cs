using System.CommandLine;
using System.CommandLine.Parsing;
using Factory.Core;

namespace Factory.CommandLine;

/// <summary>What is wrong with a command line, in the words that all of Factory uses.</summary>
internal static class ParseProblem
{
    /// <summary>One sentence a mistake; none where the line can be run.</summary>
    public static IReadOnlyList<string> All(ParseResult parsed)
    {
        // An option that takes several values takes a misspelt option for one of them.
        IEnumerable<string> swallowed = parsed.CommandResult.Children.OfType<OptionResult>().Where(option => option.Option.AllowMultipleArgumentsPerToken).SelectMany(option => option.Tokens).Select(token => token.Value);
        string[] unknown = [.. swallowed.Concat(parsed.UnmatchedTokens.Where(token => parsed.Errors.Any(error => error.Message.Contains($"'{token}'", StringComparison.Ordinal)))).Where(IsOption)];
        // What stands behind an unknown option is unknown with it.
        return unknown.Length > 0 ? [.. unknown.Select(name => Unknown(name, parsed.CommandResult.Command))] : [.. parsed.Errors.Select(Sentence)];
    }

    private static bool IsOption(string token) => token.StartsWith("--", StringComparison.Ordinal);

    /// <summary>The library's own sentence, but where that names a type of .NET.</summary>
    private static string Sentence(ParseError error) => error.SymbolResult is OptionResult { Tokens: [var value], Option: Option option }
        && Expected(option.ValueType) is string expected && !error.Message.StartsWith(option.Name, StringComparison.Ordinal)
            ? $"{option.Name}: expected {expected}, found '{value.Value}'."
            : error.Message;

    private static string Unknown(string name, Command command)
    {
        string? nearest = NearestName.Find(name.Split('=')[0], command.Options.Select(option => option.Name));
        return $"{name}: expected an option of '{command.Name}', found none of that name.{(nearest is null ? "" : $" Did you mean {nearest}?")}";
    }

    private static string? Expected(Type type) => (Nullable.GetUnderlyingType(type) ?? type) switch
    {
        Type whole when whole == typeof(int) || whole == typeof(long) => "a whole number",
        Type count when count == typeof(ulong) => "a whole number from 0",
        Type number when number == typeof(double) => "a number",
        Type choice when choice == typeof(bool) => "true or false",
        _ => null,
    };
}
