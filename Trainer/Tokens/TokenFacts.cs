using Factory.Core;
using Factory.Core.Disk;

namespace Factory.Trainer.Tokens;

/// <summary>Names of files in a token directory and of the facts in its manifest.</summary>
internal static class TokenFacts
{
    public const string Kind = "tokens";
    public const string TrainFile = "train.bin";
    public const string ValidationFile = "validation.bin";

    /// <summary>"uint16" or "uint32".</summary>
    public const string ElementType = "dtype";
    public const string UInt16 = "uint16";
    public const string UInt32 = "uint32";

    /// <summary>What earlier versions called <see cref="UInt32"/>; ids are below 2^31.</summary>
    public const string Int32 = "int32";

    /// <summary>How the training documents were shuffled, see <see cref="DocumentOrder.ToFact"/>.</summary>
    public const string Shuffle = "shuffle";

    /// <summary>The inputs with their weights and what they came to.</summary>
    public const string Sources = "sources";

    public const string TokenizerSha256 = "tokenizer_sha256";
    public const string VocabularySize = "vocabulary_size";
    public const string TrainTokens = "train_tokens";
    public const string ValidationTokens = "validation_tokens";
    public const string TrainDocuments = "train_documents";
    public const string ValidationDocuments = "validation_documents";
    public const string ValidationFraction = "validation_fraction";

    /// <summary>How the validation split came about: "documents" or "tail".</summary>
    public const string Split = "split";

    /// <summary>SHA-256 over the documents' UTF-8 texts, one after the other.</summary>
    public const string TextSha256 = "text_sha256";

    /// <exception cref="UserError">The manifest has no such fact.</exception>
    public static string Require(Manifest manifest, string directory, string name) =>
        manifest.Facts.TryGetValue(name, out string? value)
            ? value
            : throw new UserError($"{Path.Combine(directory, Manifest.FileName)}: expected the fact '{name}' of a token directory, found none. Tokenize again.");
}
