using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Factory.Runtime;

/// <summary>The graph's logits as float32, whatever element type it gives them in.</summary>
/// <param name="type">Float, Float16 or BFloat16.</param>
internal sealed class LogitRows(TensorElementType type, int vocabulary)
{
    /// <summary>Memory to bind for (<paramref name="rows"/>, vocabulary): <paramref name="logits"/> itself where the graph gives float32.</summary>
    public OrtValue Output(int rows, Memory<float> logits)
    {
        long[] shape = [rows, vocabulary];
        return type == TensorElementType.Float
            ? OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, logits, shape)
            : OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, type, shape);
    }

    /// <summary>After the run: converts where the graph does not give float32.</summary>
    public void Read(OrtValue output, Span<float> logits)
    {
        switch (type)
        {
            case TensorElementType.Float:
                break;
            case TensorElementType.Float16:
                TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<Float16, Half>(output.GetTensorDataAsSpan<Float16>()), logits);
                break;
            case TensorElementType.BFloat16:
                ReadOnlySpan<ushort> words = MemoryMarshal.Cast<Microsoft.ML.OnnxRuntime.BFloat16, ushort>(output.GetTensorDataAsSpan<Microsoft.ML.OnnxRuntime.BFloat16>());
                for (int i = 0; i < words.Length; i++)
                {
                    logits[i] = BitConverter.Int32BitsToSingle(words[i] << 16);
                }
                break;
            default:
                throw new NotSupportedException($"Logits of element type {type} are not known.");
        }
    }
}
