using System.Buffers;
using System.Globalization;
using System.IO.MemoryMappedFiles;
using Factory.Core;

namespace Factory.Trainer.Tokens;

/// <summary>One memory-mapped file of token ids, little-endian uint16 or uint32. Thread-safe.</summary>
public sealed class TokenSplit : IDisposable
{
    private readonly MemoryMappedFile? _file;
    private readonly MemoryMappedViewAccessor? _view;
    private readonly bool _wide;

    /// <exception cref="UserError">The file's length does not agree with the count.</exception>
    internal TokenSplit(string path, string count, bool wide)
    {
        _wide = wide;
        long bytes = new FileInfo(path).Length;
        Count = bytes / Width(wide);
        if (bytes % Width(wide) != 0 || count != Count.ToString(CultureInfo.InvariantCulture))
        {
            throw new UserError($"{path}: expected {count} tokens of {Width(wide)} bytes, found {bytes} bytes. Tokenize again.");
        }
        if (bytes > 0)
        {
            _file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, mapName: null, capacity: 0, MemoryMappedFileAccess.Read);
            _view = _file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        }
    }

    /// <summary>Tokens in the split.</summary>
    public long Count { get; }

    /// <summary>Bytes of one token.</summary>
    internal static int Width(bool wide) => wide ? sizeof(int) : sizeof(ushort);

    /// <summary>Copies the tokens from number <paramref name="start"/> on into <paramref name="destination"/> and fills it.</summary>
    public void Read(long start, Span<int> destination)
    {
        if (start < 0 || destination.Length > Count - start)
        {
            throw new ArgumentOutOfRangeException(nameof(start), $"{destination.Length} tokens from {start} asked for; the split has {Count}.");
        }
        if (_view is null || destination.IsEmpty)
        {
            return;
        }
        if (_wide)
        {
            _view.SafeMemoryMappedViewHandle.ReadSpan((ulong)start * sizeof(int), destination);
            return;
        }
        ushort[] narrow = ArrayPool<ushort>.Shared.Rent(destination.Length);
        _view.SafeMemoryMappedViewHandle.ReadSpan((ulong)start * sizeof(ushort), narrow.AsSpan(0, destination.Length));
        for (int i = 0; i < destination.Length; i++)
        {
            destination[i] = narrow[i];
        }
        ArrayPool<ushort>.Shared.Return(narrow);
    }

    /// <summary>As <see cref="Read(long, Span{int})"/>, in the element type of a TorchSharp index tensor.</summary>
    public void Read(long start, Span<long> destination)
    {
        int[] ids = ArrayPool<int>.Shared.Rent(destination.Length);
        Read(start, ids.AsSpan(0, destination.Length));
        for (int i = 0; i < destination.Length; i++)
        {
            destination[i] = ids[i];
        }
        ArrayPool<int>.Shared.Return(ids);
    }

    public void Dispose()
    {
        _view?.Dispose();
        _file?.Dispose();
    }
}
