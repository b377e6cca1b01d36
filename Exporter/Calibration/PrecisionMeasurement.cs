using Factory.Core;
using Factory.Exporter.Precisions;
using Factory.Exporter.Quantization;
using Factory.Exporter.Reports;
using Factory.Exporter.Targets;
using Factory.Runtime;

namespace Factory.Exporter.Calibration;

/// <summary>
/// What a precision costs, and what a calibrated one needs to know first:
/// <code>fp32 model ─ draw text ─┬─ calibrate ─► weights ─► bundle ─┐
///                         └─ perplexity ─────────────────────┴─ perplexity ─► report</code>
/// The float32 model's session is gone before anything is written; its file stays as long as calibration reads it.
/// </summary>
internal sealed class PrecisionMeasurement : IDisposable
{
    private readonly ReferenceModel? _reference;
    private readonly TextSample _text;
    private readonly double _perplexity;
    private readonly CancellationToken _cancellationToken;

    private PrecisionMeasurement(ReferenceModel? reference, TextSample text, double perplexity, PrecisionPlan calibrated, CancellationToken cancellationToken)
    {
        _reference = reference;
        _text = text;
        _perplexity = perplexity;
        Calibrated = calibrated;
        _cancellationToken = cancellationToken;
    }

    /// <summary>The plan that is to be written.</summary>
    public PrecisionPlan Calibrated { get; }

    /// <param name="text">A text file to measure on, or null.</param>
    public static PrecisionMeasurement Begin(ExportContext context, string output, string? text, IProgress<ExportProgress>? progress)
    {
        CancellationToken cancellationToken = context.CancellationToken;
        PrecisionPlan plan = context.Precision;
        ReferenceModel reference = ReferenceModel.Write(context, output);
        try
        {
            int count = DrawnText.Count(context.Architecture);
            TextSample sample = text is null ? Draw("drawing text to measure on", 0) : TextFile.Read(text, reference.Model.Bundle);
            double perplexity = Perplexity.Measure(new BundleModel(reference.Model), sample, cancellationToken);
            if (reference.Calibration is not null || reference.KvRange is not null)
            {
                // Other text than that which is measured on.
                TextSample seen = Draw("drawing text to calibrate on", count);
                if (reference.KvRange is KvRangeRun range)
                {
                    plan = plan with { KvScales = range.Measure(seen.Sequences, cancellationToken) };
                }
                if (reference.Calibration is CalibrationRun run)
                {
                    LayerStatistics statistics = run.Statistics(seen.Sequences, (done, all) => Report("calibrating", done, all), cancellationToken);
                    plan = plan with { Main = plan.Main.Calibrated(statistics) };
                }
            }
            if (plan.Main.IsCalibrated)
            {
                reference.CloseSession();
                return new PrecisionMeasurement(reference, sample, perplexity, plan, cancellationToken);
            }
            reference.Dispose();
            return new PrecisionMeasurement(null, sample, perplexity, plan, cancellationToken);

            TextSample Draw(string step, int first) => DrawnText.Draw(reference.Model, first, count, (done, all) => Report(step, done, all), cancellationToken);
        }
        catch
        {
            reference.Dispose();
            throw;
        }

        void Report(string step, int done, int all)
        {
            int blocks = context.Architecture.BlockCount;
            progress?.Report(new ExportProgress($"{step} {done}/{all}", 0, blocks));
        }
    }

    /// <summary>Measures what was written.</summary>
    /// <param name="name">What to call it in a message.</param>
    /// <exception cref="UserError">The perplexity rose beyond the precision's bound.</exception>
    public PerplexityReport Finish(IProbedModel model, string name)
    {
        double perplexity = Perplexity.Measure(model, _text, _cancellationToken);
        var report = new PerplexityReport(_text.Name, Perplexity.Tokens(_text), _perplexity, perplexity, Calibrated.PerplexityBound);
        return report.Passes
            ? report
            : throw new UserError($"{name}: expected {report}. Keep more modules in float32 with --keep, or take another precision.");
    }

    public void Dispose() => _reference?.Dispose();
}
