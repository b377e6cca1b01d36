using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Factory.Trainer.Commands;

/// <summary>What <c>encode</c> and <c>decode</c> read and write, a line each.</summary>
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(int[]))]
internal sealed partial class CommandJson : JsonSerializerContext
{
    /// <summary>Writes characters of all scripts as they are; the output is a terminal or a file, never a web page.</summary>
    public static CommandJson Readable { get; } = new(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
