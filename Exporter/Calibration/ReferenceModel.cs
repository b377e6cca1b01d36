using Factory.Exporter.Precisions;
using Factory.Exporter.Targets;
using Factory.Runtime;

namespace Factory.Exporter.Calibration;

/// <summary>The checkpoint in float32, for as long as another precision is measured against it.</summary>
internal sealed class ReferenceModel : IDisposable
{
    private readonly TemporaryBundle _bundle;

    private ReferenceModel(TemporaryBundle bundle, CalibrationRun? calibration, KvRangeRun? kvRange)
    {
        _bundle = bundle;
        Calibration = calibration;
        KvRange = kvRange;
    }

    public LanguageModel Model => _bundle.Model;

    /// <summary>null where the precision needs none.</summary>
    public CalibrationRun? Calibration { get; }

    /// <summary>null where the cache is not quantized.</summary>
    public KvRangeRun? KvRange { get; }

    /// <param name="context">Its precision says which graphs are wanted beside the model.</param>
    /// <param name="output">Beside which the directory stands.</param>
    public static ReferenceModel Write(ExportContext context, string output)
    {
        CalibrationRun? calibration = null;
        KvRangeRun? kvRange = null;
        TemporaryBundle bundle = TemporaryBundle.Write(context with { Precision = new PrecisionPlan(new Fp32()) }, output, "fp32", (reference, weights) =>
        {
            calibration = context.Precision.Main.IsCalibrated ? CalibrationRun.Write(reference, weights) : null;
            kvRange = context.Precision.Int8KvCache ? KvRangeRun.Write(reference, weights) : null;
        });
        return new ReferenceModel(bundle, calibration, kvRange);
    }

    /// <summary>Ends the session; the files stay, which calibration reads.</summary>
    public void CloseSession() => _bundle.CloseSession();

    public void Dispose() => _bundle.Dispose();
}
