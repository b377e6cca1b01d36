using Google.Protobuf;

namespace Factory.InferenceApi.Tests;

/// <summary>
/// A small SentencePiece BPE tokenizer, written in the format's own messages: BOS, every byte, letters and a few pairs. It has no EOS, so that
/// a random model writes on until it is told to stop.
/// </summary>
internal static class TestTokenizer
{
    private const int Normal = 1;
    private const int Unknown = 2;
    private const int Control = 3;
    private const int Byte = 6;

    private static readonly string[] Texts = ["▁", .. Enumerable.Range('a', 26).Select(letter => $"{(char)letter}"), "th", "he", "▁t", "▁the", "an", "ou"];

    /// <summary>Pieces in all.</summary>
    public static int VocabularySize => 2 + 256 + Texts.Length;

    public static string Write(string path)
    {
        using FileStream file = File.Create(path);
        using var output = new CodedOutputStream(file);
        Piece(output, "<unk>", 0, Unknown);
        Piece(output, "<s>", 0, Control);
        for (int value = 0; value < 256; value++)
        {
            Piece(output, $"<0x{value:X2}>", 0, Byte);
        }
        for (int rank = 0; rank < Texts.Length; rank++)
        {
            Piece(output, Texts[rank], -rank, Normal);
        }
        Message(output, 2, trainer =>
        {
            Number(trainer, 3, 2); // BPE
            Number(trainer, 35, 1); // byte fallback
            Number(trainer, 40, 0); // unknown
            Number(trainer, 41, 1); // BOS
            Number(trainer, 42, -1); // no EOS
            Number(trainer, 43, -1); // no padding
        });
        Message(output, 3, normalizer =>
        {
            Text(normalizer, 1, "identity");
            Number(normalizer, 3, 1); // a space in front
            Number(normalizer, 4, 0); // spaces stay
            Number(normalizer, 5, 1); // a space is written '▁'
        });
        return path;
    }

    private static void Piece(CodedOutputStream output, string text, float score, int type) => Message(output, 1, piece =>
    {
        Text(piece, 1, text);
        piece.WriteTag(2, WireFormat.WireType.Fixed32);
        piece.WriteFloat(score);
        Number(piece, 3, type);
    });

    private static void Message(CodedOutputStream output, int field, Action<CodedOutputStream> content)
    {
        using var buffer = new MemoryStream();
        using (var message = new CodedOutputStream(buffer, leaveOpen: true))
        {
            content(message);
        }
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(buffer.ToArray()));
    }

    private static void Text(CodedOutputStream message, int field, string text)
    {
        message.WriteTag(field, WireFormat.WireType.LengthDelimited);
        message.WriteString(text);
    }

    private static void Number(CodedOutputStream message, int field, int value)
    {
        message.WriteTag(field, WireFormat.WireType.Varint);
        message.WriteInt32(value);
    }
}
