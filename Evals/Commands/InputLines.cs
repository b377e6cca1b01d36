using System.Text;
using Factory.Core;

namespace Factory.Evals.Commands;

/// <summary>Questions that come line by line on stdin, answered on stdout. Both are UTF-8, whatever the terminal's language.</summary>
internal static class InputLines
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Prints an answer for each line that is not blank. Answers go out at once, so that another program can wait for each.</summary>
    /// <param name="answer">From a line to its answer.</param>
    /// <exception cref="UserError">A line is not UTF-8 or <paramref name="answer"/> refused it; the message names it.</exception>
    public static async Task AnswerAsync(Func<string, string> answer, CancellationToken cancellation)
    {
        using var input = new StreamReader(Console.OpenStandardInput(), Utf8);
        await using var output = new StreamWriter(Console.OpenStandardOutput(), Utf8) { NewLine = "\n" };
        for (int number = 1; await ReadAsync(input, number, cancellation).ConfigureAwait(false) is string line; number++)
        {
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }
            string answered;
            try
            {
                answered = answer(line);
            }
            catch (UserError error)
            {
                throw new UserError(FormattableString.Invariant($"stdin, line {number}: {error.Message}"), error);
            }
            await output.WriteLineAsync(answered.AsMemory(), cancellation).ConfigureAwait(false);
            await output.FlushAsync(cancellation).ConfigureAwait(false);
        }
    }

    private static async Task<string?> ReadAsync(StreamReader input, int number, CancellationToken cancellation)
    {
        try
        {
            // A console's own asynchronous read does not end when it is cancelled, and Ctrl-C should not wait for another line.
            return await Task.Run(input.ReadLine, cancellation).WaitAsync(cancellation).ConfigureAwait(false);
        }
        catch (DecoderFallbackException error)
        {
            throw new UserError(FormattableString.Invariant($"stdin, line {number}: expected UTF-8 text, found other bytes."), error);
        }
    }
}
