using Factory.Core.Bundles;
using Factory.Core.Disk;
using Factory.Exporter.Onnx;
using Factory.Exporter.Precisions;
using Factory.Exporter.Targets;
using Factory.Runtime;

namespace Factory.Exporter.Calibration;

/// <summary>The checkpoint in float32, for as long as another precision is measured against it: a bundle in a directory that goes with it.</summary>
internal sealed class ReferenceModel : IDisposable
{
    private readonly AtomicDirectory _directory;

    private ReferenceModel(AtomicDirectory directory, LanguageModel model, CalibrationRun? calibration, KvRangeRun? kvRange)
    {
        _directory = directory;
        Model = model;
        Calibration = calibration;
        KvRange = kvRange;
    }

    public LanguageModel Model { get; }

    /// <summary>null where the precision needs none.</summary>
    public CalibrationRun? Calibration { get; }

    /// <summary>null where the cache is not quantized.</summary>
    public KvRangeRun? KvRange { get; }

    /// <param name="context">Its precision says which graphs are wanted beside the model.</param>
    /// <param name="output">Beside which the directory stands.</param>
    public static ReferenceModel Write(ExportContext context, string output)
    {
        AtomicDirectory directory = AtomicDirectory.Create($"{Path.TrimEndingDirectorySeparator(output)}.fp32");
        try
        {
            var target = new FactoryTarget();
            ExportContext reference = context with { Directory = directory.Path, Precision = new PrecisionPlan(new Fp32()), BlockDone = _ => { } };
            CalibrationRun? calibration = null;
            KvRangeRun? kvRange = null;
            FactoryTarget.Write(reference, weights =>
            {
                calibration = context.Precision.Main.IsCalibrated ? CalibrationRun.Write(reference, weights) : null;
                kvRange = context.Precision.Int8KvCache ? KvRangeRun.Write(reference, weights) : null;
            });
            Manifest.Write(directory.Path, BundleFolder.Kind, new Dictionary<string, string>(target.Facts(reference)) { [BundleFolder.PrecisionFact] = "fp32" });
            var model = BundleVerification.Load(directory.Path);
            return new ReferenceModel(directory, model, calibration, kvRange);
        }
        catch
        {
            directory.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Model.Dispose();
        _directory.Dispose();
    }
}
