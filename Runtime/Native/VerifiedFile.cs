using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Factory.Core;
using Factory.Core.Disk;

namespace Factory.Runtime.Native;

/// <summary>
/// A bundle's file in memory of our own, hashed while it was read: what happens to the file on the disk afterwards, overwritten or cut, changes
/// nothing. Native memory, since weights exceed what an array holds.
/// </summary>
internal sealed unsafe class VerifiedFile : IDisposable
{
    private const int ChunkBytes = 4 << 20;

    // As much as any tensor or vector instruction asks for; the writer aligns tensors within the file.
    private const int Alignment = 4096;

    private VerifiedFile(long length)
    {
        Length = length;
        Address = (nint)NativeMemory.AlignedAlloc(checked((nuint)Math.Max(length, 1)), Alignment);
    }

    public nint Address { get; private set; }

    /// <summary>Bytes.</summary>
    public long Length { get; }

    /// <exception cref="UserError">The file cannot be read or is not what the manifest lists.</exception>
    /// <exception cref="InsufficientMemoryError">It does not fit the memory.</exception>
    public static VerifiedFile Read(string directory, Manifest manifest, string name)
    {
        string path = Path.Combine(directory, name);
        long length = manifest.Files[name].Length;
        VerifiedFile? file = null;
        try
        {
            file = new VerifiedFile(length);
            file.Fill(path, out byte[] hash);
            manifest.CheckHash(directory, name, hash);
            return file;
        }
        catch (Exception error)
        {
            file?.Dispose();
            throw error switch
            {
                OutOfMemoryException => new InsufficientMemoryError($"{path}: expected {InsufficientMemoryError.Size(length)} of free memory to read it, found less.", error),
                IOException or UnauthorizedAccessException => new UserError($"{path}: expected a readable file of {length} bytes, found: {error.Message}", error),
                _ => error,
            };
        }
    }

    /// <summary>Hashes a file and leaves it where it is.</summary>
    /// <exception cref="UserError">The file cannot be read or is not what the manifest lists.</exception>
    public static void Check(string directory, Manifest manifest, string name)
    {
        string path = Path.Combine(directory, name);
        try
        {
            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, ChunkBytes);
            manifest.CheckHash(directory, name, SHA256.HashData(stream));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"{path}: expected a readable file, found: {error.Message}", error);
        }
    }

    /// <summary>The bytes as an array, for files that fit one.</summary>
    public byte[] ToArray() => new ReadOnlySpan<byte>((void*)Address, checked((int)Length)).ToArray();

    public void Dispose()
    {
        NativeMemory.AlignedFree((void*)Address);
        Address = 0;
    }

    /// <summary>One core hashes what the other has read.</summary>
    private void Fill(string path, out byte[] sha256)
    {
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Task hashing = Task.CompletedTask;
        try
        {
            int count;
            for (long at = 0; at < Length; at += count)
            {
                count = (int)Math.Min(ChunkBytes, Length - at);
                nint chunk = Address + (nint)at;
                stream.ReadExactly(new Span<byte>((void*)chunk, count));
                int bytes = count;
                hashing.GetAwaiter().GetResult();
                hashing = Task.Run(() => hash.AppendData(new ReadOnlySpan<byte>((void*)chunk, bytes)));
            }
        }
        finally
        {
            // Its memory is freed where reading fails.
            hashing.GetAwaiter().GetResult();
        }
        sha256 = hash.GetHashAndReset();
    }
}
