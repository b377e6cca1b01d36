using Factory.Core;
using Factory.Core.Architecture;

namespace Factory.Trainer.Import;

/// <summary>Somebody else's model file, checked as a whole when opened; its tensors are then read row by row, so that none need be in memory as a whole.</summary>
internal interface IWeightSource : IDisposable
{
    LlamaArchitecture Architecture { get; }

    /// <summary>Whole rows of one tensor, float32, rotary channels half-split as in Hugging Face's LLaMA. A row runs along the last dimension; a vector is one.</summary>
    /// <param name="firstRow">Number of the first.</param>
    /// <param name="destination">(rows, last dimension)</param>
    /// <exception cref="UserError">The tensor cannot be read.</exception>
    void Read(ParameterSpec parameter, int firstRow, Span<float> destination);
}
