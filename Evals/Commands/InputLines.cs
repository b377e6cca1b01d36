using Factory.Core;

namespace Factory.Evals.Commands;

/// <summary>Questions that come line by line on stdin.</summary>
internal static class InputLines
{
    /// <summary>Prints an answer for each line that is not blank. Answers go out at once, so that another program can wait for each.</summary>
    /// <param name="answer">From a line to its answer.</param>
    /// <exception cref="UserError">An answer refused its line; the message names it.</exception>
    public static async Task AnswerAsync(TextReader input, TextWriter output, Func<string, string> answer, CancellationToken cancellation)
    {
        for (int number = 1; await input.ReadLineAsync(cancellation).ConfigureAwait(false) is string line; number++)
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
}
