using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Factory.Core.Text;
using Factory.Trainer.Texts;

namespace Factory.Trainer.Tokens;

/// <summary>A section of a document with its tokens, ready to be written.</summary>
/// <param name="Source">Number of the input it came from.</param>
/// <param name="Utf8">Its text.</param>
/// <param name="Digest">SHA-256 of its text.</param>
internal sealed record EncodedSection(int Source, bool Opens, bool Closes, IReadOnlyList<int> Ids, byte[] Utf8, byte[] Digest)
{
    /// <summary>Two independent numbers from 0 up to 1 that follow from the text: one decides on the split, the other on what a weight below one leaves out.</summary>
    public double SplitDraw => Draw(Digest);

    /// <inheritdoc cref="SplitDraw"/>
    public double WeightDraw => Draw(Digest.AsSpan(sizeof(ulong)));

    public static EncodedSection Encode(int source, TextSection section, TextTokenizer tokenizer)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(section.Text);
        return new EncodedSection(source, section.Opens, section.Closes, tokenizer.EncodePlain(section.Text, continues: !section.Opens), utf8, SHA256.HashData(utf8));
    }

    private static double Draw(ReadOnlySpan<byte> digest) => (BinaryPrimitives.ReadUInt64BigEndian(digest) >> 11) * (1.0 / (1UL << 53));
}
