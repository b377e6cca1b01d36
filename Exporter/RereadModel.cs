using Factory.Core;
using Factory.Core.Architecture;
using Factory.Core.Bundles;
using Factory.Core.Disk;
using Factory.Exporter.Precisions;
using Factory.Exporter.Targets;
using Factory.Runtime;

namespace Factory.Exporter;

/// <summary>
/// Runs a folder that other software runs: its weights, read back from the disk, as a plain LLaMA in a bundle that goes again.
/// </summary>
internal static class RereadModel
{
    /// <param name="name">What to call the folder in a message.</param>
    /// <param name="architecture">The model that the folder claims to be.</param>
    /// <param name="read">Gives a parameter as it lies on the disk.</param>
    public static IProbedModel Open(ExportContext context, string name, LlamaArchitecture architecture, Func<string, float[]> read)
    {
        AtomicDirectory copy = AtomicDirectory.Create($"{Path.TrimEndingDirectorySeparator(name)}.reread");
        try
        {
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
            Manifest.Write(copy.Path, BundleFolder.Kind, new Dictionary<string, string>(target.Facts(reread)) { [BundleFolder.PrecisionFact] = "fp32" });
            return new BundleModel(BundleVerification.Load(copy.Path), copy);
        }
        catch
        {
            copy.Dispose();
            throw;
        }
    }
}
