using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Factory.Core.Architecture;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Model;

/// <summary>
/// Fresh weights: gains 1, linear weights normal with the architecture's initializer range, token embeddings normal with a deviation of
/// their own. Each parameter draws from a generator seeded by the run's seed and its name, so its values do not depend on the others.
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
            double? deviation = Deviation(spec.Role, model.Architecture.InitializerRange, embeddingDeviation);
            if (deviation is double spread)
            {
                using var generator = new Generator(Seed(seed, spec.Name), CPU);
                model.Weights[spec.Name].copy_(normal(0, spread, [.. spec.Shape], ScalarType.Float32, generator: generator));
            }
            else
            {
                model.Weights[spec.Name].fill_(1);
            }
        }
    }

    /// <summary>null for gains, which start at 1.</summary>
    private static double? Deviation(ParameterRole role, double linear, double embedding) => role switch
    {
        ParameterRole.Norm => null,
        ParameterRole.Embedding => embedding,
        ParameterRole.Query or ParameterRole.Key or ParameterRole.Value or ParameterRole.AttentionOutput
            or ParameterRole.Gate or ParameterRole.Up or ParameterRole.Down or ParameterRole.Head => linear,
    };

    private static ulong Seed(ulong run, string name) =>
        BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{run}:{name}"))));
}
