using System.Buffers.Binary;
using System.Text;

namespace Factory.Core.Text;

/// <summary>
/// SentencePiece's compiled character map: a double-array trie (Darts-clone) from UTF-8 byte sequences to their replacements. Layout: 4 bytes of
/// trie length, the trie's 32-bit units, then replacements that end in a zero byte; all little-endian.
/// </summary>
internal sealed class CharacterMap
{
    private readonly uint[] _units;
    private readonly byte[] _replacements;

    /// <exception cref="UserError">The bytes are no such table.</exception>
    public CharacterMap(ReadOnlySpan<byte> bytes, string source)
    {
        uint length = bytes.Length >= 4 ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : 0;
        if (length == 0 || length % 4 != 0 || length >= bytes.Length - 4 || bytes[^1] != 0)
        {
            throw new UserError($"{source}: expected a character map with a trie and replacements, found {bytes.Length} bytes that are not. Copy the tokenizer again.");
        }
        _units = new uint[length / 4];
        for (int i = 0; i < _units.Length; i++)
        {
            _units[i] = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(4 + (4 * i))..]);
        }
        _replacements = bytes[(4 + (int)length)..].ToArray();
    }

    /// <summary>The longest entry at the start of <paramref name="text"/> (UTF-8), as bytes taken and its replacement; 0 bytes when there is none.</summary>
    public int Match(ReadOnlySpan<byte> text, out string replacement)
    {
        int taken = 0;
        uint value = 0;
        uint node = Offset(_units[0]);
        for (int i = 0; i < text.Length; i++)
        {
            node ^= text[i];
            if (node >= _units.Length || (_units[node] & 0x8000_00FF) != text[i])
            {
                break;
            }
            uint unit = _units[node];
            node ^= Offset(unit);
            bool hasLeaf = ((unit >> 8) & 1) == 1;
            if (hasLeaf && node < _units.Length)
            {
                (taken, value) = (i + 1, _units[node] & 0x7FFF_FFFF);
            }
        }
        replacement = taken == 0 ? "" : ReplacementAt(value);
        return taken;
    }

    private static uint Offset(uint unit) => (unit >> 10) << (int)((unit & (1u << 9)) >> 6);

    private string ReplacementAt(uint start)
    {
        ReadOnlySpan<byte> from = start < _replacements.Length ? _replacements.AsSpan((int)start) : "\0"u8;
        return Encoding.UTF8.GetString(from[..from.IndexOf((byte)0)]);
    }
}
