using Factory.Core;
using Factory.Core.Text;

namespace Factory.Evals.Commands;

/// <summary>A tokenizer that an option names: a file, or a folder that holds one.</summary>
internal static class TokenizerFile
{
    /// <exception cref="UserError">There is none.</exception>
    public static TextTokenizer Load(string path) => Directory.Exists(path)
        ? TextTokenizer.FindIn(path) ?? throw new SettingError("tokenizer", $"expected a tokenizer in {path} ({string.Join(" or ", TextTokenizer.FileNames)}), found none.")
        : TextTokenizer.Load(path);
}
