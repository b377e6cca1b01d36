using System.CommandLine;
using Factory.Core;
using Factory.Core.Text;

namespace Factory.Trainer.Commands;

/// <summary>The option <c>--tokenizer</c> of several commands.</summary>
internal static class TokenizerOption
{
    public static Option<string> Create() => new("--tokenizer")
    {
        Description = "SentencePiece model file (BPE or unigram), or a directory with a tokenizer.model or spiece.model.",
        HelpName = "FILE",
        Required = true,
    };

    /// <exception cref="UserError">There is no readable tokenizer at <paramref name="path"/>.</exception>
    public static TextTokenizer Load(string path)
    {
        if (!Directory.Exists(path))
        {
            return TextTokenizer.Load(path);
        }
        return TextTokenizer.FindIn(path)
            ?? throw new SettingError("tokenizer", $"expected {string.Join(" or ", TextTokenizer.FileNames)} in {path}, found neither.");
    }
}
