using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Factory.Core;
using Factory.Core.Disk;

namespace Factory.CommandLine;

/// <summary>Commands that read lines from stdin and answer each on stdout. Both are UTF-8, whatever the terminal's language.</summary>
public static class LineCommand
{
    private const int LongestQuote = 60;

    /// <summary>Prints an answer for each line that is not blank. Answers go out at once, so that another program can wait for each.</summary>
    /// <param name="answer">From a line to its answer.</param>
    /// <exception cref="UserError">A line is not UTF-8 or <paramref name="answer"/> refused it; the message names it.</exception>
    public static Task AnswerAsync(Func<string, string> answer, CancellationToken cancellationToken) =>
        AnswerAsync(line => Task.FromResult(answer(line)), cancellationToken);

    /// <inheritdoc cref="AnswerAsync(Func{string, string}, CancellationToken)"/>
    public static async Task AnswerAsync(Func<string, Task<string>> answer, CancellationToken cancellationToken)
    {
        using StreamReader input = StrictUtf8.Reader(Console.OpenStandardInput());
        await using var output = new StreamWriter(Console.OpenStandardOutput(), StrictUtf8.Encoding) { NewLine = "\n" };
        for (int number = 1; await ReadAsync(input, number, cancellationToken).ConfigureAwait(false) is string line; number++)
        {
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }
            string answered;
            try
            {
                answered = await answer(line).ConfigureAwait(false);
            }
            catch (UserError error)
            {
                throw new UserError($"{Place(number)}: {error.Message}", error);
            }
            await output.WriteLineAsync(answered.AsMemory(), cancellationToken).ConfigureAwait(false);
            await output.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>A line that holds one JSON value.</summary>
    /// <param name="expected">What the value is, with its article, for the message: "a JSON array of token ids such as [1,15043]".</param>
    /// <exception cref="UserError">It holds something else, or null.</exception>
    public static T Parse<T>(string line, JsonTypeInfo<T> type, string expected) where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(line, type) ?? throw new JsonException("null");
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            string found = line.Length > LongestQuote ? $"{line[..LongestQuote]}…" : line;
            throw new UserError($"expected {expected}, found '{found}': {(error is JsonException json ? JsonProblem.Describe(json) : error.Message)}", error);
        }
    }

    private static string Place(int number) => FormattableString.Invariant($"stdin, line {number}");

    // A console's own asynchronous read does not end when it is cancelled, and Ctrl-C should not wait for another line.
    private static Task<string?> ReadAsync(StreamReader input, int number, CancellationToken cancellationToken) =>
        Task.Run(() => StrictUtf8.Read(input.ReadLine, Place(number)), cancellationToken).WaitAsync(cancellationToken);
}
