using Factory.Core.Bundles;
using Factory.Core.Disk;
using Factory.Exporter.Onnx;
using Factory.Exporter.Targets;
using Factory.Runtime;

namespace Factory.Exporter;

/// <summary>A bundle that stands beside an export for as long as the export needs one that runs: loaded, its weights mapped, and removed with this object.</summary>
internal sealed class TemporaryBundle : IDisposable
{
    private readonly AtomicDirectory _directory;

    private TemporaryBundle(AtomicDirectory directory, Manifest manifest, LanguageModel model)
    {
        _directory = directory;
        Manifest = manifest;
        Model = model;
    }

    public Manifest Manifest { get; }

    public LanguageModel Model { get; }

    /// <param name="context">What to write; its directory is not looked at.</param>
    /// <param name="output">Where the export will stand.</param>
    /// <param name="role">Ends the directory's name.</param>
    /// <param name="more">Writes further graphs over the same weights into the directory it is given; null for none.</param>
    public static TemporaryBundle Write(ExportContext context, string output, string role, Action<ExportContext, ExternalData>? more = null)
    {
        AtomicDirectory directory = AtomicDirectory.Create($"{Path.TrimEndingDirectorySeparator(output)}.{role}");
        try
        {
            ExportContext here = context with { Directory = directory.Path, BlockDone = _ => { } };
            IReadOnlyDictionary<string, ManifestEntry> digests = FactoryTarget.Write(here, weights => more?.Invoke(here, weights));
            // Stored types aside, it computes in float32.
            var facts = new Dictionary<string, string>(new FactoryTarget().Facts(here)) { [BundleFolder.PrecisionFact] = "fp32" };
            Manifest manifest = Manifest.Write(directory.Path, BundleFolder.Kind, facts, digests);
            return new TemporaryBundle(directory, manifest, BundleVerification.Load(directory.Path));
        }
        catch
        {
            directory.Dispose();
            throw;
        }
    }

    /// <summary>Ends the session; the files stay.</summary>
    public void CloseSession() => Model.Dispose();

    public void Dispose()
    {
        CloseSession();
        _directory.Dispose();
    }
}
