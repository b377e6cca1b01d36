using Factory.Core.Bundles;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Factory.Runtime;

/// <summary>
/// The graph as a function: token ids of one or several rows and their KV cache in, logits out. Everything that computes goes through
/// <see cref="Forward"/>; several threads may call it, each with its own buffers.
/// </summary>
internal sealed class ModelSession : IDisposable
{
    private readonly IDisposableReadOnlyCollection<OrtMemoryInfo> _inputMemory;
    private readonly RunOptions _run = new();
    private readonly string _name;
    private readonly LogitRows _logits;

    public ModelSession(InferenceSession inference, Bundle bundle, string provider)
    {
        (Inference, Provider, _name) = (inference, provider, bundle.Name);
        KvLayout = KvLayout.FromSession(inference, bundle.Architecture.BlockCount);
        _logits = new LogitRows(inference.OutputMetadata[GraphNames.Logits].ElementDataType, bundle.Architecture.VocabularySize);
        // The session says where it wants its cache: host memory for the CPU, the device's for CUDA.
        _inputMemory = inference.GetMemoryInfosForInputs();
        CacheMemory = _inputMemory[inference.InputNames.ToList().IndexOf(GraphNames.PastKey(0))];
        CacheAllocator = new OrtAllocator(inference, CacheMemory);
    }

    public InferenceSession Inference { get; }

    /// <summary>"cpu" or "cuda".</summary>
    public string Provider { get; }

    public KvLayout KvLayout { get; }

    public OrtMemoryInfo CacheMemory { get; }

    public OrtAllocator CacheAllocator { get; }

    /// <summary>
    /// Runs B rows of S new tokens each. More than one row with more than one token needs an empty cache: GroupQueryAttention appends several tokens to
    /// one row only.
    /// </summary>
    /// <param name="first">The slot of the first row; the others follow.</param>
    /// <param name="rows">B.</param>
    /// <param name="ids">New tokens, shape (B, S).</param>
    /// <param name="lastPositions">Each row's tokens including the new ones, minus one, shape (B).</param>
    /// <param name="logitRows">Which of the B * S new tokens get logits, shape (n), n at least one.</param>
    /// <param name="logits">Receives them, shape (n, vocabulary).</param>
    /// <exception cref="InsufficientMemoryError">The activations do not fit the memory.</exception>
    public void Forward(KvBuffers cache, int first, int rows, Memory<long> ids, Memory<int> lastPositions, Memory<long> logitRows, Memory<float> logits)
    {
        // Padding counts: the operator wants room for every token it is given.
        int longest = ids.Length / rows;
        foreach (int last in lastPositions.Span)
        {
            longest = Math.Max(longest, last + 1);
        }
        OrtIoBinding binding = cache.Rows(Inference, first, rows);
        OrtMemoryInfo host = OrtMemoryInfo.DefaultInstance;
        using OrtValue idValue = OrtValue.CreateTensorValueFromMemory(host, ids, [rows, ids.Length / rows]);
        using OrtValue lastValue = OrtValue.CreateTensorValueFromMemory(host, lastPositions, [rows]);
        using OrtValue longestValue = OrtValue.CreateTensorValueFromMemory(new[] { longest }, []);
        using OrtValue rowValue = OrtValue.CreateTensorValueFromMemory(host, logitRows, [logitRows.Length]);
        using OrtValue output = _logits.Output(logitRows.Length, logits);
        binding.BindInput(GraphNames.InputIds, idValue);
        binding.BindInput(GraphNames.LastPositions, lastValue);
        binding.BindInput(GraphNames.TotalLength, longestValue);
        binding.BindInput(GraphNames.LogitIndices, rowValue);
        binding.BindOutput(GraphNames.Logits, output);
        BoundRun.Run(Inference, _run, binding, _name, ids.Length);
        _logits.Read(output, logits.Span);
    }

    public void Dispose()
    {
        _run.Dispose();
        CacheAllocator.Dispose();
        _inputMemory.Dispose();
        Inference.Dispose();
    }
}
