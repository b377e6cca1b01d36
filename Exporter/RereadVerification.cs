using Factory.Core;
using Factory.Core.Architecture;
using Factory.Core.Bundles;
using Factory.Core.Disk;
using Factory.Exporter.Precisions;
using Factory.Exporter.Targets;
using Factory.Runtime;

namespace Factory.Exporter;

/// <summary>
/// Checks a folder that other software runs: its weights are read back from the disk, and what they compute as a plain LLaMA is compared with the
/// probe, in a bundle that goes again.
/// </summary>
internal static class RereadVerification
{
    /// <param name="name">What to call the folder in a message.</param>
    /// <param name="architecture">The model that the folder claims to be.</param>
    /// <param name="read">Gives a parameter as it lies on the disk.</param>
    /// <exception cref="UserError">It does not compute what was trained.</exception>
    public static ProbeReport Of(ExportContext context, string name, LlamaArchitecture architecture, Func<string, float[]> read)
    {
        using AtomicDirectory copy = AtomicDirectory.Create($"{Path.TrimEndingDirectorySeparator(name)}.reread");
        var target = new FactoryTarget();
        ExportContext reread = context with
        {
            Directory = copy.Path,
            Architecture = architecture,
            Plans = architecture.Blocks,
            Read = read,
            Precision = new PrecisionPlan(new Fp32()),
            BlockDone = _ => { },
        };
        target.Write(reread);
        Manifest.Write(copy.Path, BundleFolder.Kind, new Dictionary<string, string>(target.Facts(context)) { [BundleFolder.PrecisionFact] = "fp32" });
        return BundleVerification.Of(copy.Path, name);
    }
}
