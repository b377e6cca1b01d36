using Factory.Core;
using Factory.Core.Architecture;
using Factory.Core.Bundles;
using Factory.Core.Checkpoints;
using Factory.Core.Configuration;
using Factory.Core.Disk;
using Factory.Core.Text;

namespace Factory.Runtime;

/// <summary>
/// A bundle directory that was checked: every file has the length that the manifest lists, and all but the graphs that serve and their weights the hash; those
/// are hashed while <see cref="LanguageModel.Load"/> reads them, so that what runs is what was hashed.
/// </summary>
public sealed class Bundle
{
    private const double Fp32Tolerance = 1e-4;

    private Bundle(string directory, Manifest manifest)
    {
        Directory = directory;
        Manifest = manifest;
        Architecture = ConfigJson.Read(directory);
        Tokenizer = TextTokenizer.FindIn(directory);
        Probe = Probe.Read(directory);
        LogitTolerance = BundleCheck.Tolerance(directory, manifest, Fp32Tolerance);
    }

    public string Directory { get; }

    /// <summary>The directory's name.</summary>
    public string Name => BundleCheck.Name(Directory);

    public Manifest Manifest { get; }

    /// <summary>The trained model's shape. Its norm scheme is history: the scale lies folded in the weights.</summary>
    public LlamaArchitecture Architecture { get; }

    /// <summary>null for imported weights that came without one.</summary>
    public TextTokenizer? Tokenizer { get; }

    public Probe Probe { get; }

    /// <summary>Element type of weights and cache: "fp32".</summary>
    public string Precision => Manifest.Facts[BundleFolder.PrecisionFact];

    /// <summary>How far a logit may lie from the probe's, relative to the largest logit where that exceeds 1. Bundles of before this fact are fp32: 1e-4.</summary>
    public double LogitTolerance { get; }

    /// <summary>Whether tokens that are given have a graph of their own.</summary>
    internal bool HasPrefillGraph => Manifest.Files.ContainsKey(BundleFolder.PrefillFile);

    internal string GraphPath => Path.Combine(Directory, BundleFolder.GraphFile);

    /// <summary>Reads and checks a bundle, but for the hashes of the graphs that serve and of the weights.</summary>
    /// <exception cref="UserError">It is no bundle, or a file is missing, truncated, changed or not listed.</exception>
    public static Bundle Open(string directory)
    {
        Manifest manifest = Manifest.Read(directory, BundleFolder.Kind, checkHashes: true, BundleFolder.GraphFile, BundleFolder.PrefillFile, BundleFolder.WeightsFile);
        string[] required = [BundleFolder.GraphFile, BundleFolder.WeightsFile, ConfigJson.FileName, Probe.FileName];
        string[] present = TokenizerFiles.FindIn(directory) is string tokenizerFile ? [.. TokenizerFiles.Beside(tokenizerFile).Select(file => Path.GetFileName(file))] : [];
        BundleCheck.RequireFiles(directory, manifest, [.. required, .. present]);
        if (!manifest.Facts.ContainsKey(BundleFolder.PrecisionFact))
        {
            throw BundleCheck.Refused(directory, $"expected the fact '{BundleFolder.PrecisionFact}' in {Manifest.FileName}, found none");
        }
        var bundle = new Bundle(directory, manifest);
        int vocabulary = bundle.Architecture.VocabularySize;
        BundleCheck.RequireVocabulary(directory, bundle.Tokenizer?.VocabularySize ?? 0, vocabulary);
        Probe probe = bundle.Probe;
        if (probe.Logits.Length != probe.InputIds.Length * probe.Positions.Length * vocabulary)
        {
            throw BundleCheck.Refused(directory, $"expected {Probe.FileName} with logits over {vocabulary} tokens (vocab_size), found another width");
        }
        return bundle;
    }
}
