using Factory.Core.Bundles;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Factory.Runtime;

/// <summary>
/// Keys and values of one sequence, in buffers of full capacity that every run both reads and extends: past and present are the same memory, so
/// nothing is ever copied. Made by <see cref="LanguageModel.NewCache"/>; dispose it before the model. One thread at a time.
/// </summary>
public sealed class KvCache : IDisposable
{
    private readonly List<OrtValue> _buffers = [];

    internal KvCache(LanguageModel model, InferenceSession session, OrtAllocator allocator, TensorElementType type, int capacity)
    {
        Model = model;
        Capacity = capacity;
        Binding = session.CreateIoBinding();
        // The graph's heads may be padded, so it says how wide they are: (batch, keyValueHeads, capacity, headSize).
        int[] sizes = session.InputMetadata[GraphNames.PastKey(0)].Dimensions;
        long[] shape = [1, sizes[1], capacity, sizes[3]];
        try
        {
            for (int block = 0; block < model.Bundle.Architecture.BlockCount; block++)
            {
                Bind(GraphNames.PastKey(block), GraphNames.PresentKey(block));
                Bind(GraphNames.PastValue(block), GraphNames.PresentValue(block));
            }
        }
        catch (Exception error)
        {
            // The buffers that did fit would otherwise wait for the finalizers, and starve the next request meanwhile.
            Dispose();
            throw InsufficientMemoryError.Names(error)
                ? new InsufficientMemoryError($"KV cache: expected memory for {capacity} tokens, found too little. Ask for fewer tokens, or try again when other requests have ended.", error)
                : error;
        }

        void Bind(string past, string present)
        {
            OrtValue buffer = OrtValue.CreateAllocatedTensorValue(allocator, type, shape);
            _buffers.Add(buffer);
            Binding.BindInput(past, buffer);
            Binding.BindOutput(present, buffer);
        }
    }

    /// <summary>Tokens that fit.</summary>
    public int Capacity { get; }

    /// <summary>Tokens that are in.</summary>
    public int Length { get; internal set; }

    internal LanguageModel Model { get; }

    internal OrtIoBinding Binding { get; }

    public void Dispose()
    {
        Binding.Dispose();
        foreach (OrtValue buffer in _buffers)
        {
            buffer.Dispose();
        }
        _buffers.Clear();
    }
}
