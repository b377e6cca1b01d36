using Factory.Core.Architecture;
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
        ExportContext reread = context with { Architecture = architecture, Plans = architecture.Blocks, Read = read, Precision = new PrecisionPlan(new Fp32()) };
        TemporaryBundle bundle = TemporaryBundle.Write(reread, name, "reread");
        return new BundleModel(bundle.Model, bundle);
    }
}
