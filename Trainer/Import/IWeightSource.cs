using Factory.Core;
using Factory.Core.Architecture;

namespace Factory.Trainer.Import;

/// <summary>Somebody else's model file, checked as a whole when opened; its tensors are then read one at a time.</summary>
internal interface IWeightSource : IDisposable
{
    LlamaArchitecture Architecture { get; }

    /// <summary>Fills <paramref name="destination"/> with one tensor, float32, row-major, rotary channels half-split as in Hugging Face's LLaMA.</summary>
    /// <exception cref="UserError">The tensor cannot be read.</exception>
    void Read(ParameterSpec parameter, Span<float> destination);
}
