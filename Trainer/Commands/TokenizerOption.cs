using System.CommandLine;
using Factory.Core;
using Factory.Core.Text;

namespace Factory.Trainer.Commands;

/// <summary>The option <c>--tokenizer</c> of several commands.</summary>
internal static class TokenizerOption
{
    public static Option<string> Create() => new("--tokenizer")
    {
        Description = "SentencePiece model (BPE or unigram) or tokenizer.json (BPE), or a directory with one and the files beside it.",
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
            ?? throw new SettingError("tokenizer", $"expected {string.Join(" or ", TextTokenizer.FileNames)} in {path}, found none.");
    }
}
