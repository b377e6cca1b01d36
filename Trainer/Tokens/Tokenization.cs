using Factory.Core;
using Factory.Core.Disk;
using Factory.Core.Text;

namespace Factory.Trainer.Tokens;

/// <summary>Turns text files into a token directory, as a stream: what is held in memory does not grow with the input.</summary>
internal static class Tokenization
{
    /// <summary>A batch of sections is encoded when it has so many characters or so many sections.</summary>
    private const int BatchCharacters = 4 << 20;
    private const int BatchSections = 4096;

    /// <param name="files">The text of <see cref="TokenizeOptions.Inputs"/>.</param>
    /// <param name="progress">Called after every batch.</param>
    /// <exception cref="UserError">An input, the tokenizer or the output is not usable; nothing is written then.</exception>
    public static TokenizeReport Run(TokenizeOptions options, TextFiles files, TextTokenizer tokenizer, Action? progress, CancellationToken cancellation)
    {
        options.Validate();
        OutputPath.RequireDirectory(options.Output, TokenFacts.Kind, options.Overwrite, " or replace them with --overwrite");
        using var directory = AtomicDirectory.Create(options.Output);
        using var writer = new TokenWriter(directory.Path, tokenizer, options.ValidationFraction);
        var batch = new List<TextSection>();
        int characters = 0;
        foreach (TextSection section in files.Sections())
        {
            batch.Add(section);
            characters += section.Text.Length;
            if (characters >= BatchCharacters || batch.Count >= BatchSections)
            {
                writer.Add(batch, cancellation);
                batch.Clear();
                characters = 0;
                progress?.Invoke();
            }
        }
        writer.Add(batch, cancellation);
        TokenizeReport report = writer.Finish();
        cancellation.ThrowIfCancellationRequested();
        directory.Commit();
        return report;
    }
}
