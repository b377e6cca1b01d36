using System.Globalization;
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
    }

    public string Directory { get; }

    /// <summary>The directory's name.</summary>
    public string Name => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(Directory)));

    public Manifest Manifest { get; }

    public BertArchitecture Model { get; }

    /// <summary>null for imported weights that came without one.</summary>
    public WordPieceTokenizer? Tokenizer { get; }

    public EncoderProbe Probe { get; }

    /// <summary>How far an output may lie from the probe's, relative to the largest where that exceeds 1.</summary>
    public double Tolerance => double.Parse(Manifest.Facts[BundleFolder.LogitToleranceFact], NumberStyles.Float, CultureInfo.InvariantCulture);

    /// <summary>Whether <paramref name="directory"/> is an encoder's bundle, whatever else is wrong with it.</summary>
    public static bool IsAt(string directory) => Manifest.FindKind(directory) == BundleFolder.EncoderKind;

    /// <exception cref="UserError">It is no encoder's bundle, or a file is missing, truncated, changed or not listed.</exception>
    public static EncoderBundle Open(string directory)
    {
        Manifest manifest = Manifest.Read(directory, BundleFolder.EncoderKind, checkHashes: true, BundleFolder.GraphFile, BundleFolder.AnalysisFile, BundleFolder.WeightsFile);
        foreach (string name in Required.Where(name => !manifest.Files.ContainsKey(name)))
        {
            throw Refused(directory, $"expected '{name}' among the files of {Manifest.FileName}, found no such entry");
        }
        if (!double.TryParse(manifest.Facts.GetValueOrDefault(BundleFolder.LogitToleranceFact), NumberStyles.Float, CultureInfo.InvariantCulture, out double tolerance) || !(tolerance > 0))
        {
            throw Refused(directory, $"expected the fact '{BundleFolder.LogitToleranceFact}' as a positive number in {Manifest.FileName}, found none");
        }
        var bundle = new EncoderBundle(directory, manifest);
        if (bundle.Tokenizer is WordPieceTokenizer tokenizer && tokenizer.VocabularySize > bundle.Model.VocabularySize)
        {
            throw Refused(directory, $"expected a tokenizer of at most {bundle.Model.VocabularySize} pieces (vocab_size), found one of {tokenizer.VocabularySize}");
        }
        int width = bundle.Model.Head switch
        {
            BertHead.QuestionAnswering => 2,
            BertHead.MaskedLanguageModel => bundle.Model.VocabularySize,
        };
        return bundle.Probe.Width == width ? bundle : throw Refused(directory, $"expected {Core.Checkpoints.Probe.FileName} with {width} numbers a token, found {bundle.Probe.Width}");
    }

    private static UserError Refused(string directory, string what) => new($"{directory}: {what}. Export the model again.");
}
