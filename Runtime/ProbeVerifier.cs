using Factory.Core;
using Factory.Core.Checkpoints;

namespace Factory.Runtime;

/// <summary>
/// The one check that a loaded model computes what was trained: its probe, replayed. Exporter runs it after writing, the server before it is ready,
/// Evals before it scores; the limit stands in the bundle's manifest (<see cref="Bundle.LogitTolerance"/>).
/// </summary>
public static class ProbeVerifier
{
    /// <summary>Replays the bundle's probe and refuses a model that is off.</summary>
    /// <param name="name">What to call the bundle in a message.</param>
    /// <exception cref="UserError">A logit lies further from the probe than the bundle's manifest allows.</exception>
    public static ProbeReport Verify(LanguageModel model, string name) => Require(Replay(model), name);

    /// <summary>Replays <paramref name="probe"/> and refuses a model that is off.</summary>
    /// <inheritdoc cref="Verify(LanguageModel, string)"/>
    public static ProbeReport Verify(IProbedModel model, Probe probe, double tolerance, string name) => Require(Replay(model, probe, tolerance), name);

    /// <summary>Compares whole sequences (prefill) and the last token decoded from a cache.</summary>
    public static ProbeReport Replay(LanguageModel model) => Replay(new BundleModel(model), model.Bundle.Probe, model.Bundle.LogitTolerance);

    /// <inheritdoc cref="Replay(LanguageModel)"/>
    /// <param name="tolerance">See <see cref="ProbeReport.Tolerance"/>.</param>
    public static ProbeReport Replay(IProbedModel model, Probe probe, double tolerance)
    {
        int vocabulary = probe.Logits.Length / (probe.InputIds.Length * probe.Positions.Length);
        double worst = 0;
        for (int sequence = 0; sequence < probe.InputIds.Length; sequence++)
        {
            int[] ids = probe.InputIds[sequence];
            float[] logits = model.Logits(ids); // (time, vocabulary)
            for (int position = 0; position < probe.Positions.Length; position++)
            {
                Compare(probe.LogitsAt(sequence, position), logits.AsSpan(probe.Positions[position] * vocabulary, vocabulary));
            }
            if (ids.Length > 1 && probe.Positions[^1] == ids.Length - 1)
            {
                Compare(probe.LogitsAt(sequence, probe.Positions.Length - 1), model.DecodeLast(ids));
            }
        }
        double largest = probe.Logits.Max(Math.Abs);
        return new ProbeReport(worst / Math.Max(1, largest), tolerance, probe.InputIds.Length, probe.Time);

        void Compare(ReadOnlySpan<float> expected, ReadOnlySpan<float> found)
        {
            for (int token = 0; token < expected.Length; token++)
            {
                // Math.Max keeps a NaN.
                worst = Math.Max(worst, Math.Abs((double)expected[token] - found[token]));
            }
        }
    }

    /// <exception cref="UserError">The difference is outside the tolerance.</exception>
    internal static ProbeReport Require(ProbeReport report, string name) => report.Passes
        ? report
        : throw new UserError(FormattableString.Invariant(
            $"{name}: expected logits within {report.Tolerance:0e+0} of the probe that was recorded in training, found a difference of {report.Difference:0.0e+0} (relative to the largest logit where that exceeds 1). ")
            + "The bundle does not compute what was trained; export the checkpoint again, and report it if that fails too.");
}
