using Factory.Core;
using Factory.Runtime;
using Factory.Runtime.Encoders;

namespace Factory.Evals.Analysis;

/// <summary>A bundle that can be looked into: a decoder's, or an encoder's.</summary>
internal abstract class AnalyzedBundle
{
    public abstract string Directory { get; }

    /// <summary>The directory's name.</summary>
    public abstract string Name { get; }

    /// <summary>Content hash of the bundle's manifest.</summary>
    public abstract string Sha256 { get; }

    public abstract string NormScheme { get; }

    public abstract int Blocks { get; }

    /// <summary>Longest sequence, in tokens.</summary>
    public abstract int MaxPositions { get; }

    public abstract int VocabularySize { get; }

    /// <summary>Checks a bundle of either kind.</summary>
    /// <exception cref="UserError">It is no bundle, or damaged.</exception>
    public static AnalyzedBundle Open(string directory) =>
        EncoderBundle.IsAt(directory) ? new AnalyzedEncoderBundle(EncoderBundle.Open(directory)) : new AnalyzedDecoderBundle(Bundle.Open(directory));

    /// <summary>Token ids of a text, with the special tokens that the model expects.</summary>
    /// <exception cref="UserError">The bundle has no tokenizer.</exception>
    public abstract int[] Encode(string text);

    /// <summary>Opens a session.</summary>
    public abstract IAnalyzedModel Load(RuntimeOptions options);

    /// <summary>That the bundle has no tokenizer.</summary>
    internal UserError NoTokenizer() => new($"{Directory}: expected a tokenizer to read texts with, found none. Give token ids instead (ids).");
}
