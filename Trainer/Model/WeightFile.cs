using Factory.Core;
using Factory.Core.Architecture;
using Factory.Core.Checkpoints;
using Factory.Core.Safetensors;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Model;

/// <summary>Moves tensors between native memory and safetensors files, one at a time.</summary>
public static class WeightFile
{
    /// <summary>Fills every parameter of <paramref name="model"/> from a file that has exactly the catalog's names and shapes, in any floating type.</summary>
    /// <exception cref="UserError">A tensor is missing, has another shape, or is not part of the model.</exception>
    public static void Load(LlamaModel model, SafetensorsReader reader)
    {
        ParameterCatalog catalog = model.Architecture.Parameters;
        CatalogCheck.Require(catalog, reader.Entries, reader.Path);
        using var noGradient = no_grad();
        foreach (ParameterSpec spec in catalog)
        {
            using Tensor stored = Read(reader, spec.Name);
            model.Weights[spec.Name].copy_(stored);
        }
    }

    /// <summary>One tensor in float32 (float64 where so stored), on the CPU.</summary>
    public static Tensor Read(SafetensorsReader reader, string name)
    {
        TensorEntry entry = reader.Entry(name);
        return entry.Type == ElementType.Float64
            ? from_array(reader.Read<double>(name, ElementType.Float64)).reshape([.. entry.Shape])
            : from_array(reader.ReadSingles(name)).reshape([.. entry.Shape]);
    }

    /// <summary>Writes tensors in float32 (those in float64 as they are), in the given order.</summary>
    public static void Write(string path, IReadOnlyList<(string Name, Tensor Value)> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        using var writer = new SafetensorsWriter(path, metadata);
        foreach ((string name, Tensor value) in tensors)
        {
            writer.Declare(name, value.dtype == ScalarType.Float64 ? ElementType.Float64 : ElementType.Float32, value.shape);
        }
        foreach ((string name, Tensor value) in tensors)
        {
            using DisposeScope scope = NewDisposeScope();
            ScalarType type = value.dtype == ScalarType.Float64 ? ScalarType.Float64 : ScalarType.Float32;
            writer.Write(name, (ReadOnlySpan<byte>)value.detach().to(type).cpu().contiguous().bytes);
        }
        writer.Finish();
    }
}
