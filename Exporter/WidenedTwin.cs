using Factory.Core;
using Factory.Core.Bundles;
using Factory.Core.Disk;
using Factory.Exporter.Precisions;
using Factory.Exporter.Targets;
using Factory.Runtime;

namespace Factory.Exporter;

/// <summary>
/// Runs a bf16 bundle on the CPU, which has no kernels for it: as a twin whose graph widens the very same weight bytes to float32.
/// What is not covered is the rounding of activations on the GPU.
/// </summary>
internal static class WidenedTwin
{
    /// <param name="name">What to call the bundle in a message.</param>
    /// <exception cref="UserError">The twin's weights differ from the bundle's.</exception>
    public static IProbedModel Open(ExportContext context, string name)
    {
        AtomicDirectory twin = AtomicDirectory.Create($"{Path.TrimEndingDirectorySeparator(name)}.widened");
        try
        {
            var target = new FactoryTarget();
            ExportContext widened = context with { Directory = twin.Path, Precision = context.Precision with { Main = new WidenedBF16() }, BlockDone = _ => { } };
            target.Write(widened);
            Manifest manifest = Manifest.Write(twin.Path, BundleFolder.Kind, new Dictionary<string, string>(target.Facts(widened)) { [BundleFolder.PrecisionFact] = "fp32" });
            string expected = manifest.Files[BundleFolder.WeightsFile].Sha256;
            string found = Manifest.ReadKind(context.Directory, BundleFolder.Kind).Files[BundleFolder.WeightsFile].Sha256;
            return expected == found
                ? new BundleModel(BundleVerification.Load(twin.Path), twin)
                : throw new UserError($"{name}: expected weights of SHA-256 {expected}, found {found}. Export the checkpoint again, and report it if that fails too.");
        }
        catch
        {
            twin.Dispose();
            throw;
        }
    }
}
