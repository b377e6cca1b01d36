using Factory.Core;
using Factory.Runtime;

namespace Factory.Exporter;

/// <summary>The proof that a bundle computes what was trained: its probe, replayed through ONNX Runtime.</summary>
/// <param name="Difference">Largest |difference| of a logit.</param>
/// <param name="Tolerance">What the precision allows.</param>
/// <param name="Sequences">Sequences of the probe.</param>
/// <param name="Time">Tokens of each.</param>
public sealed record Verification(double Difference, double Tolerance, int Sequences, int Time)
{
    /// <summary>Checks the manifest's lengths and hashes and replays the probe, on the CPU.</summary>
    /// <param name="directory">The bundle.</param>
    /// <param name="name">What to call it in a message: a bundle is verified before it has its final name.</param>
    /// <exception cref="UserError">A file is damaged, the graph does not run, or a logit is off.</exception>
    public static Verification Of(string directory, string name)
    {
        Bundle bundle = Bundle.Open(directory);
        Precision precision = Precision.Named(bundle.Precision, $"{name}: precision");
        using LanguageModel model = LanguageModel.Load(bundle, new RuntimeOptions { Provider = ProviderChoice.Cpu });
        double difference = model.ReplayProbe();
        return difference <= precision.Tolerance
            ? new Verification(difference, precision.Tolerance, bundle.Probe.InputIds.Length, bundle.Probe.Time)
            : throw new UserError(FormattableString.Invariant(
                $"{name}: expected logits within {precision.Tolerance:0e+0} of the probe that was recorded in training, found a difference of {difference:0.0e+0}. ")
                + "The bundle does not compute what was trained; export the checkpoint again, and report it if that fails too.");
    }

    public override string ToString() =>
        FormattableString.Invariant($"max |logit difference| {Difference:0.0e+0}, limit {Tolerance:0e+0}, over {Sequences} sequences of {Time} tokens");
}
