using System.CommandLine;
using System.Text.Json;
using Factory.CommandLine;
using Factory.Core.Text;

namespace Factory.Trainer.Commands;

/// <summary><c>Trainer encode</c>: JSON strings from stdin to token ids, one text a line.</summary>
internal static class EncodeCommand
{
    public static Command Create()
    {
        Option<string> tokenizer = TokenizerOption.Create();
        Option<bool> plain = new("--no-special-tokens") { Description = "Leave out the BOS in front (or the EOS behind, for T5) that the tokenizer adds by default." };
        var command = new Command("encode", "Read JSON strings from stdin, one a line, and print their token ids as JSON arrays, one a line.") { tokenizer, plain };
        command.SetAction((parsed, cancellationToken) =>
        {
            TextTokenizer loaded = TokenizerOption.Load(parsed.GetRequiredValue(tokenizer));
            bool specials = !parsed.GetValue(plain);
            return LineCommand.AnswerAsync(
                line =>
                {
                    string text = LineCommand.Parse(line, CommandJson.Default.String, "a JSON string");
                    return JsonSerializer.Serialize(specials ? loaded.EncodeWithSpecialTokens(text) : loaded.Encode(text, addBos: false), CommandJson.Default.Int32Array);
                },
                cancellationToken);
        });
        return command;
    }
}
