using System.Text;
using LLama;
using LLama.Common;
using LLama.Native;

namespace Factory.Interop.Tests;

/// <summary>A GGUF file in llama.cpp: tokens in, logits of the last one out.</summary>
internal sealed class LlamaCppModel : IDisposable
{
    private readonly LLamaWeights _weights;
    private readonly LLamaContext _context;
    private int _position;

    /// <param name="folder">Holds one GGUF file.</param>
    public LlamaCppModel(string folder)
    {
        var parameters = new ModelParams(Directory.GetFiles(folder, "*.gguf").Single())
        {
            GpuLayerCount = 0,
            ContextSize = 256,
            Threads = 1,
            BatchThreads = 1,
            TypeK = GGMLType.GGML_TYPE_F32,
            TypeV = GGMLType.GGML_TYPE_F32,
            FlashAttention = false,
        };
        _weights = LLamaWeights.LoadFromFile(parameters);
        _context = _weights.CreateContext(parameters);
    }

    public float[] Append(IReadOnlyList<int> ids)
    {
        var batch = new LLamaBatch();
        for (int i = 0; i < ids.Count; i++)
        {
            batch.Add(ids[i], _position++, LLamaSeqId.Zero, i == ids.Count - 1);
        }
        Assert.Equal(DecodeResult.Ok, _context.NativeHandle.Decode(batch));
        return _context.NativeHandle.GetLogitsIth(ids.Count - 1).ToArray();
    }

    public int[] Tokenize(string text) => [.. _weights.Tokenize(text, true, false, Encoding.UTF8).Select(token => (int)token)];

    public void Dispose()
    {
        _context.Dispose();
        _weights.Dispose();
    }
}
