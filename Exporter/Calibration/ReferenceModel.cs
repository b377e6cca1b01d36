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

    private ReferenceModel(AtomicDirectory directory, LanguageModel model, CalibrationRun? calibration)
    {
        _directory = directory;
        Model = model;
        Calibration = calibration;
    }

    public LanguageModel Model { get; }

    /// <summary>null where it was not asked for.</summary>
    public CalibrationRun? Calibration { get; }

    /// <param name="output">Beside which the directory stands.</param>
    /// <param name="calibrate">Whether graphs for a calibration are wanted.</param>
    public static ReferenceModel Write(ExportContext context, string output, bool calibrate)
    {
        AtomicDirectory directory = AtomicDirectory.Create($"{Path.TrimEndingDirectorySeparator(output)}.fp32");
        try
        {
            var target = new FactoryTarget();
            ExportContext reference = context with { Directory = directory.Path, Precision = new PrecisionPlan(new Fp32()), BlockDone = _ => { } };
            CalibrationRun? calibration = null;
            FactoryTarget.Write(reference, calibrate ? weights => calibration = CalibrationRun.Write(reference, weights) : _ => { });
            Manifest.Write(directory.Path, BundleFolder.Kind, new Dictionary<string, string>(target.Facts(reference)) { [BundleFolder.PrecisionFact] = "fp32" });
            var model = BundleVerification.Load(directory.Path);
            return new ReferenceModel(directory, model, calibration);
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
