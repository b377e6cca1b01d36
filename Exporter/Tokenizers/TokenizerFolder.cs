using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Factory.Core.Disk;
using Factory.Core.Text;

namespace Factory.Exporter.Tokenizers;

/// <summary>The files with which Hugging Face's tools tokenize: those of the checkpoint where it has them, else made from its SentencePiece model.</summary>
internal static class TokenizerFolder
{
    public const string TokenizerFile = "tokenizer.json";
    public const string ConfigFile = "tokenizer_config.json";
    private const string TemplateFile = "chat_template.jinja";

    private static readonly string[] SentencePieceNames = ["tokenizer.model", "spiece.model"];

    private static readonly string[] Companions = [ConfigFile, "special_tokens_map.json", "added_tokens.json", TemplateFile, "generation_config.json"];

    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes what <paramref name="checkpoint"/> has into <paramref name="directory"/>; nothing where it has no tokenizer.</summary>
    /// <param name="window">Longest sequence of the model, in tokens.</param>
    public static void Write(string checkpoint, string directory, int window)
    {
        foreach (string name in new[] { TokenizerFile }.Concat(TextTokenizer.FileNames).Concat(Companions).Distinct().Where(name => File.Exists(Path.Combine(checkpoint, name))))
        {
            InputFile.CopyTo(Path.Combine(checkpoint, name), Path.Combine(directory, name));
        }
        if (File.Exists(Path.Combine(directory, TokenizerFile)) || SentencePieceIn(checkpoint) is not string path)
        {
            return;
        }
        SentencePieceModel model = SentencePieceModelReader.Parse(InputFile.ReadAllBytes(path, "a SentencePiece model"), path);
        WriteJson(Path.Combine(directory, TokenizerFile), TokenizerJson.From(model));
        if (!File.Exists(Path.Combine(directory, ConfigFile)))
        {
            WriteJson(Path.Combine(directory, ConfigFile), TokenizerJson.Config(model, window, ChatTemplate(checkpoint)));
        }
    }

    /// <summary>The SentencePiece model of a directory, or null.</summary>
    public static string? SentencePieceIn(string directory) =>
        SentencePieceNames.Select(name => Path.Combine(directory, name)).FirstOrDefault(File.Exists);

    /// <summary>The chat template beside a model, or null.</summary>
    public static string? ChatTemplate(string directory) =>
        File.Exists(Path.Combine(directory, TemplateFile)) ? InputFile.ReadAllText(Path.Combine(directory, TemplateFile)) : null;

    public static void WriteJson(string path, JsonNode json) => File.WriteAllText(path, json.ToJsonString(Readable) + "\n");
}
