using Factory.Core;
using Factory.Core.Disk;
using Factory.Core.Text;

namespace Factory.Trainer.Tokens;

/// <summary>A directory of tokens that <c>Trainer tokenize</c> wrote: train.bin, validation.bin, the tokenizer that made them, manifest.json.</summary>
public sealed class TokenDataset : IDisposable
{
    private TokenDataset(string directory, Manifest manifest, TextTokenizer tokenizer, TokenSplit train, TokenSplit validation)
    {
        Directory = directory;
        Manifest = manifest;
        Tokenizer = tokenizer;
        Train = train;
        Validation = validation;
    }

    public string Directory { get; }

    public Manifest Manifest { get; }

    public TextTokenizer Tokenizer { get; }

    public TokenSplit Train { get; }

    /// <summary>Held out from training; empty when the text was tokenized with a validation fraction of zero.</summary>
    public TokenSplit Validation { get; }

    /// <summary>Opens a token directory and checks every file against the manifest.</summary>
    /// <exception cref="UserError">It is none, or a file is missing, truncated or changed.</exception>
    public static TokenDataset Open(string directory)
    {
        Manifest manifest = Manifest.Read(directory, TokenFacts.Kind);
        TextTokenizer tokenizer = TextTokenizer.FindIn(directory)
            ?? throw new UserError($"{directory}: expected {string.Join(" or ", TextTokenizer.FileNames)} beside the tokens, found none. Tokenize again.");
        string hash = TokenFacts.Require(manifest, directory, TokenFacts.TokenizerSha256);
        if (hash != tokenizer.Sha256)
        {
            throw new UserError($"{tokenizer.Path}: expected the tokenizer that made the tokens (SHA-256 {hash}), found another ({tokenizer.Sha256}). Tokenize again.");
        }
        bool wide = TokenFacts.Require(manifest, directory, TokenFacts.ElementType) switch
        {
            TokenFacts.UInt16 => false,
            TokenFacts.UInt32 or TokenFacts.Int32 => true,
            string other => throw new UserError($"{Path.Combine(directory, Manifest.FileName)}: dtype: expected uint16 or uint32, found '{other}'."),
        };
        var train = new TokenSplit(Path.Combine(directory, TokenFacts.TrainFile), TokenFacts.Require(manifest, directory, TokenFacts.TrainTokens), wide);
        var validation = new TokenSplit(Path.Combine(directory, TokenFacts.ValidationFile), TokenFacts.Require(manifest, directory, TokenFacts.ValidationTokens), wide);
        return new TokenDataset(directory, manifest, tokenizer, train, validation);
    }

    public void Dispose()
    {
        Train.Dispose();
        Validation.Dispose();
    }
}
