using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Factory.Core.Architecture;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Model;

/// <summary>
/// Fresh weights as the <see cref="ParameterCatalog"/> says, but for the token embeddings, which are normal with a deviation of their own. Each parameter draws from a generator seeded by the run's seed and its name, so its values do not depend on the others.
/// </summary>
public static class WeightInitializer
{
    /// <summary>
    /// Deviation of the embeddings where nothing else is asked for. 0.02 is what LLaMA uses and what the authors' code has now; the paper's tables
    /// were obtained with sqrt(2/5) = 0.632 (Pre-LN and LNS alike).
    /// </summary>
    public const double EmbeddingDeviation = 0.02;

    public static void Initialize(LlamaModel model, ulong seed, double embeddingDeviation = EmbeddingDeviation)
    {
        using var noGradient = no_grad();
        foreach (ParameterSpec spec in model.Architecture.Parameters)
        {
            using DisposeScope scope = NewDisposeScope();
            Initialization initial = spec.Role == ParameterRole.Embedding ? Initialization.Normal(embeddingDeviation) : spec.Initial;
            if (initial.Deviation == 0)
            {
                model.Weights[spec.Name].fill_(initial.Mean);
                continue;
            }
            using var generator = new Generator(Seed(seed, spec.Name), CPU);
            model.Weights[spec.Name].copy_(normal(initial.Mean, initial.Deviation, [.. spec.Shape], ScalarType.Float32, generator: generator));
        }
    }

    private static ulong Seed(ulong run, string name) =>
        BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{run}:{name}"))));
}
