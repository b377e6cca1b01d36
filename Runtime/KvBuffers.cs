using System.Runtime.InteropServices;
using Factory.Core.Bundles;
using Factory.Runtime.Native;
using Microsoft.ML.OnnxRuntime;

namespace Factory.Runtime;

/// <summary>
/// Keys and values of several sequences: for each block and kind one buffer (slots, keyValueHeads, capacity, headSize) that every run both reads and
/// extends. Past and present are the same memory, so nothing is ever copied; a run sees one slot or several neighbours.
/// <code>
/// slot      0 │ k k k k k · · · │   run on slots 0..2: a batch of three rows of different lengths
///           1 │ k k · · · · · · │   run on slot 1 alone: prefill
///           2 │ k k k · · · · · │
/// </code>
/// On the CPU the memory is reserved at once and becomes real as tokens are written. One thread at a time.
/// </summary>
internal sealed unsafe class KvBuffers : IDisposable
{
    private readonly KvRegion[] _regions;
    private readonly Dictionary<(InferenceSession Session, int First, int Count), OrtIoBinding> _bindings = [];

    /// <exception cref="InsufficientMemoryError">They do not fit the memory; nothing of them stays allocated.</exception>
    public KvBuffers(ModelSession model, int slots, int capacity)
    {
        (Slots, Capacity) = (slots, capacity);
        KvLayout layout = model.KvLayout;
        BytesPerToken = layout.BytesPerToken;
        _regions = new KvRegion[2 * layout.Blocks];
        try
        {
            for (int i = 0; i < _regions.Length; i++)
            {
                _regions[i] = new KvRegion(model, slots, capacity);
            }
        }
        catch (Exception error)
        {
            // The regions that did fit would otherwise wait for the finalizers, and starve the next request meanwhile.
            Dispose();
            throw InsufficientMemoryError.Names(error)
                ? new InsufficientMemoryError($"KV cache: expected {InsufficientMemoryError.Size(layout.BytesPerToken * slots * capacity)} of memory for {slots} x {capacity} tokens, found too little. Take fewer or shorter sequences, or free some memory.", error)
                : error;
        }
    }

    public int Slots { get; }

    /// <summary>Tokens that fit one slot.</summary>
    public int Capacity { get; }

    /// <summary>Over all blocks, keys and values.</summary>
    public long BytesPerToken { get; }

    /// <summary>A binding of a session's cache inputs and outputs to <paramref name="count"/> slots from <paramref name="first"/> on, kept for the next time.</summary>
    public OrtIoBinding Rows(InferenceSession session, int first, int count)
    {
        // Decoding needs one for each count, prefill one for each slot; of the many groups of neighbours some come again.
        if (_bindings.Count >= 8 * Slots && !_bindings.ContainsKey((session, first, count)))
        {
            ForgetBindings();
        }
        if (!_bindings.TryGetValue((session, first, count), out OrtIoBinding? binding))
        {
            binding = session.CreateIoBinding();
            for (int i = 0; i < _regions.Length; i++)
            {
                // The binding keeps a reference of its own to the view.
                using OrtValue view = _regions[i].View(first, count);
                binding.BindInput(i % 2 == 0 ? GraphNames.PastKey(i / 2) : GraphNames.PastValue(i / 2), view);
                binding.BindOutput(i % 2 == 0 ? GraphNames.PresentKey(i / 2) : GraphNames.PresentValue(i / 2), view);
            }
            _bindings.Add((session, first, count), binding);
        }
        return binding;
    }

    /// <summary>Whether <see cref="Copy"/> works: the memory is the host's.</summary>
    public bool CanCopy => _regions[0].IsHost;

    /// <summary>Copies the first <paramref name="tokens"/> tokens of a slot to the beginning of another.</summary>
    public void Copy(int from, int to, int tokens)
    {
        foreach (KvRegion region in _regions)
        {
            region.Copy(from, to, tokens);
        }
    }

    /// <summary>Gives a slot's memory back to the system; the slot stays usable and is filled with zeros.</summary>
    public void Release(int slot)
    {
        foreach (KvRegion region in _regions)
        {
            region.Release(slot);
        }
    }

    public void Dispose()
    {
        ForgetBindings();
        foreach (KvRegion? region in _regions)
        {
            region?.Dispose();
        }
    }

    private void ForgetBindings()
    {
        foreach (OrtIoBinding binding in _bindings.Values)
        {
            binding.Dispose();
        }
        _bindings.Clear();
    }
}
