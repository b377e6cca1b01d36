using Factory.Core;
using Factory.Core.Bundles;
using Factory.Core.Disk;
using Factory.Exporter.Precisions;
using Factory.Exporter.Targets;
using Factory.Runtime;

namespace Factory.Exporter;

/// <summary>Runs a 16-bit bundle on the CPU as a twin whose graph widens the very same weight bytes to float32 (<see cref="Widened{T}"/>).</summary>
internal static class WidenedTwin
{
    /// <summary>Weights in float32 beyond which ONNX Runtime is not to widen all of them at once, bytes.</summary>
    private const long Large = 2L << 30;

    /// <summary>Whether the bundle is to be run like that: it cannot run here by itself, or not without its weights in float32 in memory.</summary>
    public static bool IsFor(ExportContext context) =>
        context.Precision.Main is { Twin: not null } main && (!main.RunsOnCpu || context.Architecture.Parameters.TotalCount * sizeof(float) > Large);

    /// <param name="name">What to call the bundle in a message.</param>
    /// <exception cref="UserError">The twin's weights differ from the bundle's.</exception>
    public static IProbedModel Open(ExportContext context, string name)
    {
        Precision widened = context.Precision.Main.Twin ?? throw new ArgumentException($"{context.Precision.Main} has no twin.", nameof(context));
        TemporaryBundle twin = TemporaryBundle.Write(context with { Precision = context.Precision with { Main = widened } }, name, "widened");
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
