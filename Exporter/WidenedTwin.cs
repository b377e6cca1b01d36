using Factory.Core;
using Factory.Core.Bundles;
using Factory.Core.Disk;
using Factory.Exporter.Precisions;
using Factory.Exporter.Targets;
using Factory.Runtime;

namespace Factory.Exporter;

/// <summary>
/// Runs a bf16 bundle on the CPU, which has no kernels for it: as a twin whose graph widens the very same weight bytes to float32, one weight at a time.
/// What is not covered is the rounding of activations on the GPU.
/// </summary>
internal static class WidenedTwin
{
    /// <param name="name">What to call the bundle in a message.</param>
    /// <exception cref="UserError">The twin's weights differ from the bundle's.</exception>
    public static IProbedModel Open(ExportContext context, string name)
    {
        TemporaryBundle twin = TemporaryBundle.Write(context with { Precision = context.Precision with { Main = new WidenedBF16() } }, name, "widened");
        string expected = twin.Manifest.Files[BundleFolder.WeightsFile].Sha256;
        string found = Manifest.ReadKind(context.Directory, BundleFolder.Kind).Files[BundleFolder.WeightsFile].Sha256;
        if (expected == found)
        {
            return new BundleModel(twin.Model, twin);
        }
        twin.Dispose();
        throw new UserError($"{name}: expected weights of SHA-256 {expected}, found {found}. Export the checkpoint again, and report it if that fails too.");
    }
}
