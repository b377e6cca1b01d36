using Factory.Core;
using Factory.Core.Architecture;
using Factory.Core.Bundles;
using Factory.Core.Checkpoints;
using Factory.Core.Configuration;
using Factory.Core.Disk;
using Factory.Core.Text;

namespace Factory.Runtime.Encoders;

/// <summary>An encoder's bundle (BERT) that was checked: lengths and hashes of all files but graphs and weights, which are hashed while they are read.</summary>
public sealed class EncoderBundle
{
    private static readonly string[] Required = [BundleFolder.GraphFile, BundleFolder.AnalysisFile, BundleFolder.WeightsFile, ConfigJson.FileName, Core.Checkpoints.Probe.FileName];

    private EncoderBundle(string directory, Manifest manifest)
    {
        Directory = directory;
        Manifest = manifest;
        Model = BertConfig.Read(directory);
        Tokenizer = WordPieceTokenizer.FindIn(directory);
        Probe = EncoderProbe.Read(directory);
        Tolerance = BundleCheck.Tolerance(directory, manifest, otherwise: null);
    }

    public string Directory { get; }

    /// <summary>The directory's name.</summary>
    public string Name => BundleCheck.Name(Directory);

    public Manifest Manifest { get; }

    public BertArchitecture Model { get; }

    /// <summary>null for imported weights that came without one.</summary>
    public WordPieceTokenizer? Tokenizer { get; }

    public EncoderProbe Probe { get; }

    /// <summary>How far an output may lie from the probe's, relative to the largest where that exceeds 1.</summary>
    public double Tolerance { get; }

    /// <summary>Whether <paramref name="directory"/> is an encoder's bundle, whatever else is wrong with it.</summary>
    public static bool IsAt(string directory) => Manifest.FindKind(directory) == BundleFolder.EncoderKind;

    /// <exception cref="UserError">It is no encoder's bundle, or a file is missing, truncated, changed or not listed.</exception>
    public static EncoderBundle Open(string directory)
    {
        Manifest manifest = Manifest.Read(directory, BundleFolder.EncoderKind, checkHashes: true, BundleFolder.GraphFile, BundleFolder.AnalysisFile, BundleFolder.WeightsFile);
        BundleCheck.RequireFiles(directory, manifest, [.. Required, .. WordPieceTokenizer.FilesIn(directory).Select(file => Path.GetFileName(file))]);
        var bundle = new EncoderBundle(directory, manifest);
        BundleCheck.RequireVocabulary(directory, bundle.Tokenizer?.VocabularySize ?? 0, bundle.Model.VocabularySize);
        int width = bundle.Model.Head switch
        {
            BertHead.QuestionAnswering => 2,
            BertHead.MaskedLanguageModel => bundle.Model.VocabularySize,
        };
        return bundle.Probe.Width == width ? bundle : throw BundleCheck.Refused(directory, $"expected {Core.Checkpoints.Probe.FileName} with {width} numbers a token, found {bundle.Probe.Width}");
    }
}
