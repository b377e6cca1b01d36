using Google.Protobuf;

namespace Factory.Core.Text;

/// <summary>Writes the wire format of ModelProto (sentencepiece_model.proto), so that every SentencePiece program can read the file.</summary>
internal static class SentencePieceModelWriter
{
    private const int Unigram = 1;
    private const int Bpe = 2;

    public static byte[] Write(SentencePieceModel model)
    {
        using var stream = new MemoryStream();
        using var output = new CodedOutputStream(stream);
        foreach (Piece piece in model.Pieces)
        {
            Message(output, 1, message =>
            {
                Text(message, 1, piece.Text);
                message.WriteTag(2, WireFormat.WireType.Fixed32);
                message.WriteFloat(piece.Score);
                Number(message, 3, (int)piece.Type);
            });
        }
        Message(output, 2, message =>
        {
            Number(message, 3, model.IsBpe ? Bpe : Unigram);
            Number(message, 4, model.Pieces.Count);
            Number(message, 35, model.ByteFallback ? 1 : 0);
            Number(message, 40, model.UnknownId);
            Number(message, 41, model.BosId ?? -1);
            Number(message, 42, model.EosId ?? -1);
            Number(message, 43, model.PadId ?? -1);
            Text(message, 45, model.Pieces[model.UnknownId].Text);
            Text(message, 46, model.BosPiece);
            Text(message, 47, model.EosPiece);
            Text(message, 48, model.PadPiece);
        });
        Message(output, 3, message =>
        {
            Text(message, 1, "identity");
            Number(message, 3, model.AddDummyPrefix ? 1 : 0);
            Number(message, 4, model.RemoveExtraWhitespaces ? 1 : 0);
            Number(message, 5, 1);
        });
        output.Flush();
        return stream.ToArray();
    }

    private static void Message(CodedOutputStream output, int field, Action<CodedOutputStream> content)
    {
        using var buffer = new MemoryStream();
        using var message = new CodedOutputStream(buffer);
        content(message);
        message.Flush();
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
