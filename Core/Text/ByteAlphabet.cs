namespace Factory.Core.Text;

/// <summary>GPT-2's spelling of bytes as printable characters: bytes that are printable in Latin-1 stand for themselves, the others for U+0100 and on.</summary>
internal static class ByteAlphabet
{
    private static readonly char[] Spelling = Spell();
    private static readonly Dictionary<char, byte> Bytes = Enumerable.Range(0, 256).ToDictionary(value => Spelling[value], value => (byte)value);

    public static char CharacterOf(byte value) => Spelling[value];

    /// <summary>The bytes that a token spells; false when a character of it stands for none.</summary>
    public static bool TryRead(string token, Span<byte> bytes)
    {
        for (int i = 0; i < token.Length; i++)
        {
            if (!Bytes.TryGetValue(token[i], out bytes[i]))
            {
                return false;
            }
        }
        return true;
    }

    private static char[] Spell()
    {
        var spelling = new char[256];
        int next = 256;
        for (int value = 0; value < 256; value++)
        {
            bool printable = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
            spelling[value] = printable ? (char)value : (char)next++;
        }
        return spelling;
    }
}
