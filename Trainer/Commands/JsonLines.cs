using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Factory.Core;

namespace Factory.Trainer.Commands;

/// <summary>Commands that turn JSON lines on stdin into JSON lines on stdout, each answered before the next is read.</summary>
internal static class JsonLines
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <param name="expected">What a line holds, for the error message.</param>
    /// <exception cref="UserError">A line holds something else; the message names its number.</exception>
    public static async Task TransformAsync<T>(string expected, JsonTypeInfo<T> type, Func<T, string> answer, CancellationToken cancellation) where T : class
    {
        using var input = new StreamReader(Console.OpenStandardInput(), Utf8);
        await using var output = new StreamWriter(Console.OpenStandardOutput(), Utf8) { NewLine = "\n" };
        long number = 0;
        while (await input.ReadLineAsync(cancellation).ConfigureAwait(false) is string line)
        {
            number++;
            try
            {
                T value = JsonSerializer.Deserialize(line, type) ?? throw new JsonException("null");
                await output.WriteLineAsync(answer(value)).ConfigureAwait(false);
            }
            catch (Exception error) when (error is JsonException or InvalidOperationException)
            {
                throw new UserError($"stdin, line {number}: expected {expected}, found something else: {error.Message}", error);
            }
            catch (UserError error)
            {
                throw new UserError($"stdin, line {number}: {error.Message}.", error);
            }
            await output.FlushAsync(cancellation).ConfigureAwait(false);
        }
    }
}

[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(int[]))]
internal sealed partial class CommandJson : JsonSerializerContext
{
    /// <summary>Writes characters of all scripts as they are; the output is a terminal or a file, never a web page.</summary>
    public static CommandJson Readable { get; } = new(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
