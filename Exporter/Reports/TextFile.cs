using Factory.Core;
using Factory.Core.Disk;
using Factory.Core.Text;
using Factory.Runtime;

namespace Factory.Exporter.Reports;

/// <summary>A text file as token sequences of the model's window, at most 256 tokens each.</summary>
internal static class TextFile
{
    private const int MaxTime = 256;
    private const int MaxSequences = 64;

    /// <exception cref="SettingError">The bundle has no tokenizer, or the text is too short; the setting is "text".</exception>
    /// <exception cref="UserError">The file cannot be read or is not UTF-8.</exception>
    public static TextSample Read(string path, Bundle bundle)
    {
        TextTokenizer tokenizer = bundle.Tokenizer ?? throw new SettingError("text", "expected a checkpoint with a tokenizer, found one without. Leave the option out to measure on text drawn from the model.");
        int time = Math.Min(MaxTime, bundle.Architecture.MaxPositions);
        int[] ids = tokenizer.Encode(InputFile.ReadAllText(path, "a text file"), addBos: true);
        int[][] sequences = [.. ids.Chunk(time).Where(chunk => chunk.Length > 1).Take(MaxSequences)];
        return sequences.Length > 0
            ? new TextSample(Path.GetFileName(path), sequences)
            : throw new SettingError("text", $"expected a text of at least two tokens, found {ids.Length} in {path}.");
    }
}
