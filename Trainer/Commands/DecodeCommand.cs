using System.CommandLine;
using System.Text.Json;
using Factory.CommandLine;
using Factory.Core;
using Factory.Core.Text;

namespace Factory.Trainer.Commands;

/// <summary><c>Trainer decode</c>: token ids from stdin to JSON strings, one text a line.</summary>
internal static class DecodeCommand
{
    public static Command Create()
    {
        Option<string> tokenizer = TokenizerOption.Create();
        var command = new Command("decode", "Read JSON arrays of token ids from stdin, one a line, and print their text as JSON strings, one a line.") { tokenizer };
        command.SetAction((parsed, cancellationToken) =>
        {
            TextTokenizer loaded = TokenizerOption.Load(parsed.GetRequiredValue(tokenizer));
            return LineCommand.AnswerAsync(
                line => JsonSerializer.Serialize(
                    loaded.Decode(Checked(LineCommand.Parse(line, CommandJson.Default.Int32Array, "a JSON array of token ids such as [1,15043]"), loaded)), CommandJson.Readable.String),
                cancellationToken);
        });
        return command;
    }

    private static int[] Checked(int[] ids, TextTokenizer tokenizer)
    {
        foreach (int id in ids)
        {
            if (id < 0 || id >= tokenizer.VocabularySize)
            {
                throw new UserError($"expected token ids from 0 to {tokenizer.VocabularySize - 1}, found {id}.");
            }
        }
        return ids;
    }
}
