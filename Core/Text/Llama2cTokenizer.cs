using System.Buffers.Binary;
using System.Text;
using Factory.Core.Disk;

namespace Factory.Core.Text;

/// <summary>
/// The tokenizer file of llama2.c (tok512.bin, tokenizer.bin): int32 longest piece, then per piece float32 score, int32 length and that many bytes
/// of UTF-8, little-endian. Ids: 0 unknown, 1 BOS, 2 EOS, 3 to 258 the bytes, then text with spaces as they are. Its encoder is SentencePiece's BPE.
/// </summary>
public static class Llama2cTokenizer
{
    private const int FirstByte = 3;
    private const int FirstText = FirstByte + 256;

    /// <summary>The bytes of a SentencePiece <c>.model</c> file that gives the same ids.</summary>
    /// <exception cref="UserError">The file is missing or not a llama2.c tokenizer.</exception>
    public static byte[] ToSentencePieceModel(string path)
    {
        byte[] file = InputFile.ReadAllBytes(path, "a llama2.c tokenizer");
        List<Piece> pieces = ReadPieces(file, path);
        RequireLayout(pieces, path);
        byte[] model = SentencePieceModelWriter.Write(new SentencePieceModel
        {
            Pieces = pieces,
            IsBpe = true,
            ByteFallback = true,
            AddDummyPrefix = true,
            RemoveExtraWhitespaces = false,
        });
        _ = SentencePieceModelReader.Parse(model, path);
        return model;
    }

    private static List<Piece> ReadPieces(ReadOnlySpan<byte> file, string path)
    {
        var pieces = new List<Piece>();
        int longest = file.Length >= 4 ? BinaryPrimitives.ReadInt32LittleEndian(file) : 0;
        for (int at = 4; at < file.Length;)
        {
            int id = pieces.Count;
            if (file.Length - at < 8)
            {
                throw Bad(path, $"a score and a length for piece {id}", "the end of the file (is it truncated?)");
            }
            float score = BinaryPrimitives.ReadSingleLittleEndian(file[at..]);
            int length = BinaryPrimitives.ReadInt32LittleEndian(file[(at + 4)..]);
            at += 8;
            if (length <= 0 || length > longest || length > file.Length - at)
            {
                throw Bad(path, $"a length from 1 to {longest} for piece {id} within the {file.Length - at} bytes left", $"{length}");
            }
            pieces.Add(new Piece(Text(file.Slice(at, length), id, path), score, TypeOf(id)));
            at += length;
        }
        return pieces;
    }

    private static string Text(ReadOnlySpan<byte> bytes, int id, string path)
    {
        try
        {
            string text = StrictUtf8.Encoding.GetString(bytes);
            // llama2.c writes BOS and EOS with line ends around them.
            return id < FirstText ? text.Trim('\n') : text.Replace(' ', TextNormalizer.Space);
        }
        catch (ArgumentException)
        {
            throw Bad(path, $"UTF-8 in piece {id}", $"bytes {Convert.ToHexString(bytes)}");
        }
    }

    private static PieceType TypeOf(int id) => id switch
    {
        0 => PieceType.Unknown,
        1 or 2 => PieceType.Control,
        < FirstText => PieceType.Byte,
        _ => PieceType.Normal,
    };

    private static void RequireLayout(List<Piece> pieces, string path)
    {
        if (pieces.Count < FirstText)
        {
            throw Bad(path, $"at least {FirstText} pieces", $"{pieces.Count}");
        }
        string[] start = ["<unk>", "<s>", "</s>", .. Enumerable.Range(0, 256).Select(SentencePieceModel.ByteText)];
        for (int id = 0; id < start.Length; id++)
        {
            if (pieces[id].Text != start[id])
            {
                throw Bad(path, $"piece {id} to be '{start[id]}'", $"'{pieces[id].Text}'");
            }
        }
    }

    private static UserError Bad(string path, string expected, string found) =>
        new($"{path}: expected a llama2.c tokenizer with {expected}, found {found}. Fetch the file again.");
}
