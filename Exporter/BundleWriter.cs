using System.Globalization;
using System.Reflection;
using Factory.Core;
using Factory.Core.Architecture;
using Factory.Core.Bundles;
using Factory.Core.Configuration;
using Factory.Core.Disk;
using Factory.Exporter.Onnx;
using Factory.Runtime;
using Google.Protobuf;

namespace Factory.Exporter;

/// <summary>Writes a checkpoint as a bundle. The directory appears only after its probe was replayed from what lies on the disk.</summary>
public static class BundleWriter
{
    /// <summary>Version of the program, as in facts and in the graph's producer.</summary>
    public static string Version { get; } = typeof(BundleWriter).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    /// <param name="source">What to export.</param>
    /// <param name="output">Where the bundle will stand; a bundle that stands there is replaced.</param>
    /// <param name="blockDone">Called after each block with the number of blocks done.</param>
    /// <exception cref="UserError"><paramref name="output"/> is something else than a bundle, or the written bundle does not compute the probe.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; nothing is left behind.</exception>
    public static ProbeReport Write(CheckpointSource source, string output, Precision precision, Action<int> blockDone, CancellationToken ct) =>
        Write(source, source.Architecture.Blocks, output, precision, blockDone, ct);

    /// <param name="plans">One plan per block. Other plans than the architecture's own make a bundle that the probe refuses.</param>
    internal static ProbeReport Write(CheckpointSource source, IReadOnlyList<BlockPlan> plans, string output, Precision precision, Action<int> blockDone, CancellationToken ct)
    {
        OutputPath.RequireDirectory(output, BundleFolder.Kind, replace: true);
        using AtomicDirectory directory = AtomicDirectory.Create(output);
        WriteGraph(source, plans, directory.Path, done =>
        {
            ct.ThrowIfCancellationRequested();
            blockDone(done);
        });
        ConfigJson.Write(directory.Path, source.Architecture);
        foreach (string file in source.FilesToKeep())
        {
            InputFile.CopyTo(Path.Combine(source.Directory, file), Path.Combine(directory.Path, file));
        }
        Manifest.Write(directory.Path, BundleFolder.Kind, Facts(source, precision));
        ProbeReport report = BundleVerification.Of(directory.Path, output);
        ct.ThrowIfCancellationRequested();
        directory.Commit();
        return report;
    }

    private static void WriteGraph(CheckpointSource source, IReadOnlyList<BlockPlan> plans, string directory, Action<int> blockDone)
    {
        using var weights = new ExternalData(Path.Combine(directory, BundleFolder.WeightsFile));
        var builder = new GraphBuilder("llama", weights);
        new LlamaGraph(builder, source.Architecture, plans, source.Read).Emit(blockDone);
        using FileStream graph = File.Create(Path.Combine(directory, BundleFolder.GraphFile));
        builder.Build("Factory", Version).WriteTo(graph);
    }

    private static Dictionary<string, string> Facts(CheckpointSource source, Precision precision) => new()
    {
        [BundleFolder.CheckpointFact] = source.Manifest.ContentHash,
        [BundleFolder.VersionFact] = Version,
        [BundleFolder.PrecisionFact] = precision.Name,
        [BundleFolder.LogitToleranceFact] = precision.Tolerance.ToString(CultureInfo.InvariantCulture),
        [BundleFolder.NormSchemeFact] = source.Architecture.NormScheme.Name,
        [BundleFolder.ParametersFact] = source.Architecture.Parameters.TotalCount.ToString(CultureInfo.InvariantCulture),
    };
}
