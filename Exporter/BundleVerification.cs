using Factory.Core;
using Factory.Runtime;

namespace Factory.Exporter;

/// <summary>The proof that a bundle on the disk is whole and computes what was trained.</summary>
public static class BundleVerification
{
    /// <summary>Checks the manifest's lengths and hashes and replays the probe, on the CPU.</summary>
    /// <param name="directory">The bundle.</param>
    /// <param name="name">What to call it in a message: a bundle is verified before it has its final name.</param>
    /// <exception cref="UserError">A file is damaged, the graph does not run, or a logit is off.</exception>
    public static ProbeReport Verify(string directory, string name)
    {
        using LanguageModel model = Load(directory);
        return ProbeVerifier.Verify(model, name);
    }

    internal static LanguageModel Load(string directory) => LanguageModel.Load(Bundle.Open(directory), new RuntimeOptions { Provider = ProviderChoice.Cpu, MapWeights = true });
}
