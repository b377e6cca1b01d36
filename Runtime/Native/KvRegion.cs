using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace Factory.Runtime.Native;

/// <summary>Keys or values of one block for all slots, shape (slots, keyValueHeads, capacity, headSize), in the memory that the session computes in.</summary>
internal sealed unsafe partial class KvRegion : IDisposable
{
    private const int Page = 4096;
    private const int DontNeed = 4; // MADV_DONTNEED

    private readonly KvLayout _layout;
    private readonly OrtMemoryInfo _memory;
    private readonly int _capacity;
    private readonly OrtMemoryAllocation? _device;
    private byte* _host;
    private readonly nint _start;

    /// <exception cref="OutOfMemoryException">It does not fit the host's memory.</exception>
    /// <exception cref="OnnxRuntimeException">It does not fit the device's memory.</exception>
    public KvRegion(ModelSession model, int slots, int capacity)
    {
        (_layout, _capacity, _memory) = (model.KvLayout, capacity, model.CacheMemory);
        long bytes = checked(SlotBytes * slots);
        if (model.Provider == "cpu")
        {
            // Zeroed pages of a large block become real when they are first written.
            _host = (byte*)NativeMemory.AllocZeroed(checked((nuint)(bytes + Page)));
            _start = (nint)(((nuint)_host + Page - 1) / Page * Page);
        }
        else
        {
            _device = model.CacheAllocator.Allocate(checked((uint)bytes));
            _start = _device.DangerousGetHandle();
        }
    }

    public bool IsHost => _device is null;

    private long HeadBytes => (long)_capacity * _layout.HeadBytes;

    private long SlotBytes => _layout.KeyValueHeads * HeadBytes;

    public OrtValue View(int first, int count) => OrtValue.CreateTensorValueWithData(
        _memory, _layout.ElementType, [count, _layout.KeyValueHeads, _capacity, _layout.HeadSize], (nint)(_start + (first * SlotBytes)), count * SlotBytes);

    public void Copy(int from, int to, int tokens)
    {
        long bytes = (long)tokens * _layout.HeadBytes;
        for (int head = 0; head < _layout.KeyValueHeads; head++)
        {
            Buffer.MemoryCopy(At(from, head), At(to, head), bytes, bytes);
        }
    }

    private byte* At(int slot, int head) => (byte*)_start + (slot * SlotBytes) + (head * HeadBytes);

    /// <summary>Whole pages inside the slot only; elsewhere than on Linux the memory stays with the process.</summary>
    public void Release(int slot)
    {
        if (IsHost && OperatingSystem.IsLinux())
        {
            long first = (_start + (slot * SlotBytes) + Page - 1) / Page * Page;
            long end = (_start + ((slot + 1) * SlotBytes)) / Page * Page;
            if (end > first)
            {
                _ = MemoryAdvise((nint)first, (nuint)(end - first), DontNeed);
            }
        }
    }

    public void Dispose()
    {
        NativeMemory.Free(_host);
        _host = null;
        _device?.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int MemoryAdvise(nint address, nuint length, int advice);
}
