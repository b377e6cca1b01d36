using System.Text;
using Factory.Core;
using Factory.Evals.Data;
using Factory.Evals.Python;
using Factory.Evals.Requests;
using Factory.Evals.Scoring;

namespace Factory.Evals.Tasks;

/// <summary>
/// Perplexity over a text file of the user's. The whole file is one document, scored as the harness scores whole texts: one prefix token
/// (BOS, else EOS), then every token of the encoded text, in disjoint windows of the model's context length.
/// </summary>
internal static class TextPerplexity
{
    public static RollingTask Task { get; } = new("perplexity", 1)
    {
        Source = "a text file (text)",
        ReadsDataFolder = false,
        Open = (_, options) => Open(options.TextFile),
        Read = Read,
        Metrics = [Metrics.TokenPerplexity, Metrics.WordPerplexity, Metrics.BytePerplexity, Metrics.BitsPerByte],
    };

    private static DataFile Open(string? path) => path switch
    {
        null => throw new SettingError("text", "expected a text file for the task perplexity to score, found none."),
        _ when !File.Exists(path) => throw new SettingError("text", $"expected a text file, found no such file: '{path}'."),
        _ => new DataFile("", path),
    };

    private static IEnumerable<TextDocument> Read(DataFile file) => file.Text is { Length: > 0 } text
        ? [new TextDocument(text, PythonText.PiecesBetweenSpaces(text), Encoding.UTF8.GetByteCount(text))]
        : throw file.Malformed("text", "none");
}
