using System.Globalization;
using System.Reflection;
using Factory.Core;
using Factory.Core.Architecture;
using Factory.Core.Bundles;
using Factory.Core.Checkpoints;
using Factory.Core.Disk;
using Factory.Exporter.Calibration;
using Factory.Exporter.Precisions;
using Factory.Exporter.Reports;
using Factory.Exporter.Targets;
using Factory.Runtime;

namespace Factory.Exporter;

/// <summary>
/// Writes a checkpoint for a target. The directory appears only after what lies on the disk was checked:
/// <code>checkpoint ─ calibrate ─ write ─ card, manifest ─ replay the probe ─ perplexity beside fp32 ─ rename</code>
/// </summary>
public static class CheckpointExport
{
    /// <summary>Version of the program, as in facts and in the graph's producer.</summary>
    public static string Version { get; } = typeof(CheckpointExport).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    /// <param name="source">What to export.</param>
    /// <param name="output">Where the folder will stand; one of the same kind that stands there is replaced.</param>
    /// <param name="progress">Gets what is being done; may be null.</param>
    /// <exception cref="UserError"><paramref name="output"/> is something else than such a folder, or what was written does not compute the probe.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; nothing is left behind.</exception>
    public static ExportReport Write(CheckpointSource source, string output, ExportOptions options, IProgress<ExportProgress>? progress, CancellationToken cancellationToken) =>
        Write(source, source.Architecture.Blocks, output, options, progress, cancellationToken);

    /// <param name="plans">One plan per block. Other plans than the architecture's own make a bundle that the probe refuses.</param>
    internal static ExportReport Write(
        CheckpointSource source, IReadOnlyList<BlockPlan> plans, string output, ExportOptions options, IProgress<ExportProgress>? progress, CancellationToken cancellationToken)
    {
        Target target = options.Target;
        PrecisionPlan precision = options.Precision.Validate(source.Architecture);
        OutputPath.RequireDirectory(output, target.Kind, replace: true);
        OutputPath.RequireApart(output, source.Directory);
        target.Require(source);
        target.Require(precision);
        using AtomicDirectory directory = AtomicDirectory.Create(output);
        var context = new ExportContext(source, plans, precision, directory.Path, done => Report("writing", done), cancellationToken);
        using PrecisionMeasurement? measurement = precision.IsRounded
            ? PrecisionMeasurement.Begin(context, output, options.Text, progress)
            : null;
        context = context with { Precision = measurement?.Calibrated ?? precision };
        IReadOnlyDictionary<string, ManifestEntry> digests = target.Write(context);
        cancellationToken.ThrowIfCancellationRequested();
        Manifest.Write(directory.Path, target.Kind, Facts(context, target), digests);
        ProbeReport probe;
        PerplexityReport? perplexity;
        Report("verifying", source.Architecture.BlockCount);
        using (IProbedModel model = target.Open(context, output))
        {
            probe = ProbeVerifier.Verify(model, source.Probe, precision.LogitTolerance, output);
            perplexity = measurement?.Finish(model, output);
        }
        cancellationToken.ThrowIfCancellationRequested();
        WriteCard(context, target, new ExportReport(0, probe, perplexity));
        long bytes = new DirectoryInfo(directory.Path).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
        directory.Commit();
        return new ExportReport(bytes, probe, perplexity);

        void Report(string step, int done) => progress?.Report(new ExportProgress(step, done, source.Architecture.BlockCount));
    }

    private static void WriteCard(ExportContext context, Target target, ExportReport report)
    {
        string card = ModelCard.Write(context.Source.Title, context.Architecture, context.Source.Manifest.Facts, context.Precision.Main.Name, report, target.Usage("FOLDER"));
        File.WriteAllText(context.PathOf(ModelCard.FileName), card);
        Manifest.Add(context.Directory, target.Kind, ModelCard.FileName);
    }

    private static Dictionary<string, string> Facts(ExportContext context, Target target)
    {
        var facts = new Dictionary<string, string>(target.Facts(context))
        {
            [BundleFolder.CheckpointFact] = context.Source.Manifest.ContentHash,
            [BundleFolder.VersionFact] = Version,
            [BundleFolder.PrecisionFact] = context.Precision.Main.Name,
            [BundleFolder.NormSchemeFact] = context.Architecture.NormScheme.Name,
            [BundleFolder.ParametersFact] = context.Architecture.Parameters.TotalCount.ToString(CultureInfo.InvariantCulture),
        };
        if (context.Precision.Keep.Count > 0)
        {
            facts[BundleFolder.KeptFact] = string.Join(",", context.Precision.Keep);
        }
        return facts;
    }
}
