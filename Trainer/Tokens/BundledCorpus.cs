using System.Globalization;
using Factory.Core;
using Factory.Core.Disk;
using Factory.Core.Text;
using Factory.Trainer.Texts;

namespace Factory.Trainer.Tokens;

/// <summary>The corpus that comes with Factory (tiny Shakespeare with its own tokenizer), for a training run that names no data.</summary>
public static class BundledCorpus
{
    /// <summary>Where its tokens lie, relative to the current directory.</summary>
    public static readonly string DefaultDirectory = Path.Combine("data", "shakespeare");

    private const double ValidationFraction = 0.1;

    private static string Assets => Path.Combine(AppContext.BaseDirectory, "assets", "shakespeare");

    /// <exception cref="UserError">The program's own files are not there.</exception>
    public static TextTokenizer Tokenizer() => TextTokenizer.FindIn(Assets)
        ?? throw new UserError($"{Assets}: expected the bundled corpus beside the program, found none. Build the Trainer again.");

    /// <summary>Makes sure that the corpus is tokenized in <paramref name="directory"/>; tokens that are there and whole are used again.</summary>
    /// <param name="log">Takes one line when the corpus has to be tokenized.</param>
    /// <exception cref="UserError">The place holds other tokens, or something else, which is left as it is; or it cannot be written to.</exception>
    public static void Prepare(string directory, Action<string>? log = null, CancellationToken cancellationToken = default)
    {
        TextTokenizer tokenizer = Tokenizer();
        string text = Path.Combine(Assets, "input.txt");
        string textHash = InputFile.Sha256(text);
        if (IsCurrent(directory, tokenizer, textHash))
        {
            return;
        }
        string folder = Path.GetDirectoryName(Path.GetFullPath(directory))!;
        OutputPath.RequireWritableFolder("data", folder);
        // Several first runs at a time tokenize once; the others wait for it.
        using WriterLock turn = WriterLock.Wait(folder, "bundled-corpus", cancellationToken);
        if (IsCurrent(directory, tokenizer, textHash))
        {
            return;
        }
        log?.Invoke($"Tokenizing the bundled corpus (tiny Shakespeare) to {directory}.");
        var options = new TokenizeOptions { Output = directory, ValidationFraction = ValidationFraction, Overwrite = true };
        Tokenization.Run(options, new TextFiles([new InputSource("tiny Shakespeare", 1, [text])], options.Text, _ => { }), tokenizer, progress: null, cancellationToken);
    }

    private static bool IsCurrent(string directory, TextTokenizer tokenizer, string textHash)
    {
        if (Manifest.FindKind(directory) != TokenFacts.Kind)
        {
            return false;
        }
        Manifest manifest = Manifest.ReadKind(directory, TokenFacts.Kind);
        if (manifest.Facts.GetValueOrDefault(TokenFacts.TextSha256) != textHash)
        {
            throw new UserError($"{directory}: expected the tokens of the bundled corpus, or nothing yet, found those of another text. Train on them with --data {directory}, or move them away.");
        }
        try
        {
            Manifest.Read(directory, TokenFacts.Kind);
        }
        catch (DamageError)
        {
            return false;
        }
        return manifest.Facts.GetValueOrDefault(TokenFacts.TokenizerSha256) == tokenizer.Sha256
            && manifest.Facts.GetValueOrDefault(TokenFacts.ValidationFraction) == ValidationFraction.ToString(CultureInfo.InvariantCulture);
    }
}
