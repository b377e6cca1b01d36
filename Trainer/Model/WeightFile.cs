using System.Runtime.InteropServices;
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
            Fill(model.Weights[spec.Name], reader, spec.Name);
        }
    }

    /// <summary>Fills a tensor from the one of that name, which must have its shape.</summary>
    public static void Fill(Tensor target, SafetensorsReader reader, string name)
    {
        if (target.dtype != ScalarType.Float32 || target.device.type != DeviceType.CPU)
        {
            using Tensor stored = Read(reader, name);
            target.copy_(stored);
            return;
        }
        foreach ((long from, Tensor piece) in Pieces(target))
        {
            reader.ReadSingles(name, from, MemoryMarshal.Cast<byte, float>(piece.bytes));
            piece.Dispose();
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
            foreach ((_, Tensor piece) in Pieces(value.detach().to(type).cpu().contiguous()))
            {
                writer.Write(name, (ReadOnlySpan<byte>)piece.bytes);
                piece.Dispose();
            }
        }
        writer.Finish();
    }

    /// <summary>A contiguous tensor in runs of its elements: native memory is seen through spans, which end at 2 GiB.</summary>
    private static IEnumerable<(long From, Tensor Piece)> Pieces(Tensor tensor)
    {
        const long elements = 1 << 26;
        for (long from = 0; from < tensor.numel(); from += elements)
        {
            using Tensor flat = tensor.detach().view(-1);
            yield return (from, flat.narrow(0, from, Math.Min(elements, tensor.numel() - from)));
        }
    }
}
