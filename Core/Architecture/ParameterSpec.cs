namespace Factory.Core.Architecture;

/// <summary>One trainable tensor.</summary>
/// <param name="Name">Hugging Face LLaMA state-dict name; also its safetensors key and its ONNX initialiser.</param>
/// <param name="Shape">Linear weights are (outputs, inputs).</param>
/// <param name="Block">Block index from zero, or null outside the blocks.</param>
/// <param name="Initial">How training from scratch starts it.</param>
public sealed record ParameterSpec(string Name, IReadOnlyList<long> Shape, ParameterRole Role, int? Block, Initialization Initial)
{
    public long Count => Shape.Aggregate(1L, (product, size) => checked(product * size));
}
