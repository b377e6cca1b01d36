using System.Buffers.Binary;
using System.Text;

namespace Factory.Trainer.Tests.LibTorch;

/// <summary>
/// The smallest ELF library with version tables: it needs versions of one other library, has one undefined symbol for each, and
/// relocations for some of those symbols. File offsets equal addresses.
/// </summary>
internal static class HandMadeElf
{
    private const int Dynamic = 0x100;
    private const int Strings = 0x200;
    private const int Needs = 0x400;
    private const int SymbolVersions = 0x600;
    private const int Relocations = 0x700;
    private const int Size = 0x800;

    /// <summary>The library; version i is index i + 2 and belongs to symbol i + 1.</summary>
    public static byte[] Create(string dependency, string[] versions, params int[] relocated)
    {
        var file = new byte[Size];
        new byte[] { 0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1 }.CopyTo(file, 0);
        Put64(file, 32, 64); // program headers follow the ELF header
        Put16(file, 54, 56);
        Put16(file, 56, 2);
        Header(file, 64, type: 1, offset: 0, Size);
        Header(file, 64 + 56, type: 2, Dynamic, size: 0x100);
        ulong[] dynamic =
        [
            5, Strings, 0x6FFFFFFE, Needs, 0x6FFFFFFF, 1, 0x6FFFFFF0, SymbolVersions, 7, Relocations, 8, (ulong)relocated.Length * 24, 0, 0,
        ];
        for (int i = 0; i < dynamic.Length; i++)
        {
            Put64(file, Dynamic + (8 * i), dynamic[i]);
        }

        int text = Strings + 1;
        Put16(file, Needs, 1);
        Put16(file, Needs + 2, versions.Length);
        Put32(file, Needs + 4, Text(dependency));
        Put32(file, Needs + 8, 16);
        for (int i = 0; i < versions.Length; i++)
        {
            int entry = Needs + 16 + (16 * i);
            Put16(file, entry + 6, i + 2);
            Put32(file, entry + 8, Text(versions[i]));
            Put32(file, entry + 12, i + 1 < versions.Length ? 16 : 0);
            Put16(file, SymbolVersions + (2 * (i + 1)), i + 2);
        }
        for (int i = 0; i < relocated.Length; i++)
        {
            Put64(file, Relocations + (24 * i) + 8, ((ulong)relocated[i] + 1) << 32);
        }
        return file;

        int Text(string value)
        {
            int at = text - Strings;
            text += Encoding.ASCII.GetBytes(value, file.AsSpan(text)) + 1;
            return at;
        }
    }

    private static void Header(byte[] file, int at, int type, int offset, int size)
    {
        Put32(file, at, type);
        Put64(file, at + 8, (ulong)offset);
        Put64(file, at + 16, (ulong)offset);
        Put64(file, at + 32, (ulong)size);
    }

    private static void Put16(byte[] file, int at, int value) => BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(at), (ushort)value);

    private static void Put32(byte[] file, int at, int value) => BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(at), value);

    private static void Put64(byte[] file, int at, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(at), value);
}
