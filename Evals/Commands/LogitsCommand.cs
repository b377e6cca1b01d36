using System.Buffers;
using System.CommandLine;
using System.Text;
using System.Text.Json;
using Factory.CommandLine;
using Factory.Evals.Requests;
using Factory.Runtime;

namespace Factory.Evals.Commands;

/// <summary>Evals logits: what a bundle computes, without a tokenizer.</summary>
public static class LogitsCommand
{
    public static Command Create()
    {
        var model = new ModelOptions();
        var command = new Command("logits", "Read JSON arrays of token ids from stdin, one a line, and print for each the logits of every position as one JSON array of rows.");
        model.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using LanguageModel loaded = model.Load(parsed);
            await LineCommand.AnswerAsync(line => Answer(loaded, line), cancellation).ConfigureAwait(false);
            return 0;
        });
        return command;
    }

    private static string Answer(LanguageModel model, string line)
    {
        float[] logits = model.Logits(LineCommand.Parse(line, LogitsJson.Default.Int32Array, "a JSON array of token ids such as [1,15043]"));
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartArray();
            foreach (float[] row in logits.Chunk(model.Bundle.Architecture.VocabularySize))
            {
                json.WriteStartArray();
                foreach (float logit in row)
                {
                    json.WriteNumberValue(logit);
                }
                json.WriteEndArray();
            }
            json.WriteEndArray();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}

[System.Text.Json.Serialization.JsonSerializable(typeof(int[]))]
internal sealed partial class LogitsJson : System.Text.Json.Serialization.JsonSerializerContext;
