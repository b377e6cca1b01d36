using Factory.Core;
using Factory.Core.Checkpoints;

namespace Factory.Runtime;

/// <summary>
/// The one check that a loaded bundle computes what was trained: its probe, replayed. Exporter runs it after writing, the server before it is ready,
/// Evals before it scores; the limit stands in the bundle's manifest (<see cref="Bundle.LogitTolerance"/>).
/// </summary>
public static class ProbeVerifier
{
    /// <summary>Replays the probe and refuses a model that is off.</summary>
    /// <param name="name">What to call the bundle in a message.</param>
    /// <exception cref="UserError">A logit lies further from the probe than the bundle's manifest allows.</exception>
    public static ProbeReport Verify(LanguageModel model, string name)
    {
        ProbeReport report = Replay(model);
        return report.Passes
            ? report
            : throw new UserError(FormattableString.Invariant(
                $"{name}: expected logits within {report.Tolerance:0e+0} of the probe that was recorded in training, found a difference of {report.Difference:0.0e+0} (relative to the largest logit where that exceeds 1). ")
                + "The bundle does not compute what was trained; export the checkpoint again, and report it if that fails too.");
    }

    /// <summary>Compares whole sequences (prefill) and the last token decoded from a cache.</summary>
    public static ProbeReport Replay(LanguageModel model)
    {
        Probe probe = model.Bundle.Probe;
        int vocabulary = model.Bundle.Architecture.VocabularySize;
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
                using KvCache cache = model.NewCache(ids.Length);
                model.Append(cache, ids[..^1]);
                Compare(probe.LogitsAt(sequence, probe.Positions.Length - 1), model.Append(cache, ids[^1..]));
            }
        }
        double largest = probe.Logits.Max(Math.Abs);
        return new ProbeReport(worst / Math.Max(1, largest), model.Bundle.LogitTolerance, probe.InputIds.Length, probe.Time);

        void Compare(ReadOnlySpan<float> expected, ReadOnlySpan<float> found)
        {
            for (int token = 0; token < expected.Length; token++)
            {
                // Math.Max keeps a NaN.
                worst = Math.Max(worst, Math.Abs((double)expected[token] - found[token]));
            }
        }
    }
}
