using Factory.Core.Architecture;
using static TorchSharp.torch;

namespace Factory.Trainer.Model;

/// <summary>
/// Rotary positions, half-split: channel i turns with channel i + headSize/2 (arXiv 2104.09864, in the layout of Hugging Face LLaMA).
/// Not a module, so that its tables never become buffers of a state dict.
/// </summary>
public sealed class RotaryEmbedding : IDisposable
{
    private readonly Tensor _cosine; // (positions, headSize / 2)
    private readonly Tensor _sine;   // (positions, headSize / 2)

    public RotaryEmbedding(LlamaArchitecture architecture, ModelPlacement placement)
    {
        (double[] cosine, double[] sine) = RotaryTable.Angles(architecture, architecture.MaxPositions);
        _cosine = Table(cosine, architecture, placement);
        _sine = Table(sine, architecture, placement);
    }

    /// <summary>Cosines in the type to compute in, float32 for the fused kernels; (positions, headSize / 2).</summary>
    internal Tensor Cosine => _cosine;

    /// <inheritdoc cref="Cosine"/>
    internal Tensor Sine => _sine;

    /// <param name="heads">(batch, heads, time, headSize), the first position being 0.</param>
    /// <returns>The same shape and type, each pair of channels turned by its position's angle.</returns>
    public Tensor Apply(Tensor heads)
    {
        long time = heads.shape[2];
        Tensor cosine = _cosine.narrow(0, 0, time); // (time, headSize / 2)
        Tensor sine = _sine.narrow(0, 0, time);
        Tensor[] halves = heads.chunk(2, -1);
        return cat([(halves[0] * cosine) - (halves[1] * sine), (halves[1] * cosine) + (halves[0] * sine)], -1);
    }

    public void Dispose()
    {
        _cosine.Dispose();
        _sine.Dispose();
    }

    private static Tensor Table(double[] values, LlamaArchitecture architecture, ModelPlacement placement)
    {
        using var scope = NewDisposeScope();
        return tensor(values, [architecture.MaxPositions, architecture.HeadSize / 2]).to(placement.IsFused ? ScalarType.Float32 : placement.Compute).to(placement.Device).DetachFromDisposeScope();
    }
}
