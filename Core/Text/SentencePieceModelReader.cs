using System.Globalization;
using Google.Protobuf;

namespace Factory.Core.Text;

/// <summary>Reads the wire format of ModelProto (sentencepiece_model.proto): pieces in field 1, trainer settings in 2, normalizer settings in 3.</summary>
internal static class SentencePieceModelReader
{
    private const int Unigram = 1;
    private const int Bpe = 2;

    /// <exception cref="UserError">The bytes are no such file, or describe a tokenizer that Factory does not run.</exception>
    public static SentencePieceModel Parse(byte[] bytes, string source)
    {
        var pieces = new List<Piece>();
        var model = new SentencePieceModel { Pieces = pieces };
        bool trainer = false;
        bool normalizer = false;
        try
        {
            ForEachField(new CodedInputStream(bytes), (field, input) =>
            {
                switch (field)
                {
                    case 1:
                        pieces.Add(ReadPiece(input.ReadBytes()));
                        return true;
                    case 2:
                        (model, trainer) = (ReadTrainer(model, input.ReadBytes(), source), true);
                        return true;
                    case 3:
                        (model, normalizer) = (ReadNormalizer(model, input.ReadBytes()), true);
                        return true;
                    default:
                        return false;
                }
            });
        }
        catch (Exception error) when (error is InvalidProtocolBufferException or InvalidOperationException)
        {
            throw Bad(source, $"something else ({error.Message.ReplaceLineEndings(" ").TrimEnd('.')})");
        }
        if (!trainer || !normalizer || pieces.Count == 0)
        {
            throw Bad(source, $"{(pieces.Count == 0 ? "no pieces" : "no trainer or normalizer settings")} (is the file truncated?)");
        }
        RequireSound(model, source);
        return model;
    }

    private static Piece ReadPiece(ByteString bytes)
    {
        var piece = new Piece("", 0, PieceType.Normal);
        ForEachField(bytes.CreateCodedInput(), (field, input) =>
        {
            switch (field)
            {
                case 1: piece = piece with { Text = input.ReadString() }; return true;
                case 2: piece = piece with { Score = input.ReadFloat() }; return true;
                case 3: piece = piece with { Type = (PieceType)input.ReadEnum() }; return true;
                default: return false;
            }
        });
        return piece;
    }

    private static SentencePieceModel ReadTrainer(SentencePieceModel model, ByteString bytes, string source)
    {
        int type = Unigram;
        ForEachField(bytes.CreateCodedInput(), (field, input) =>
        {
            switch (field)
            {
                case 3: type = input.ReadEnum(); return true;
                case 24: model = model with { WhitespaceAsSuffix = input.ReadBool() }; return true;
                case 35: model = model with { ByteFallback = input.ReadBool() }; return true;
                case 46: model = model with { BosPiece = input.ReadString() }; return true;
                case 47: model = model with { EosPiece = input.ReadString() }; return true;
                case 48: model = model with { PadPiece = input.ReadString() }; return true;
                default: return false;
            }
        });
        return type is Unigram or Bpe
            ? model with { IsBpe = type == Bpe }
            : throw Bad(source, $"model type {type.ToString(CultureInfo.InvariantCulture)} (word or character)");
    }

    private static SentencePieceModel ReadNormalizer(SentencePieceModel model, ByteString bytes)
    {
        ForEachField(bytes.CreateCodedInput(), (field, input) =>
        {
            switch (field)
            {
                case 2: model = model with { CharacterMap = input.ReadBytes().Memory }; return true;
                case 3: model = model with { AddDummyPrefix = input.ReadBool() }; return true;
                case 4: model = model with { RemoveExtraWhitespaces = input.ReadBool() }; return true;
                case 5: model = model with { EscapeWhitespaces = input.ReadBool() }; return true;
                default: return false;
            }
        });
        return model;
    }

    /// <summary>Hands each field of a message to <paramref name="read"/>; what that does not take is skipped.</summary>
    private static void ForEachField(CodedInputStream input, Func<int, CodedInputStream, bool> read)
    {
        while (input.ReadTag() is var tag and not 0)
        {
            if (!read(WireFormat.GetTagFieldNumber(tag), input))
            {
                input.SkipLastField();
            }
        }
    }

    private static void RequireSound(SentencePieceModel model, string source)
    {
        int unknown = model.Pieces.Count(piece => piece.Type == PieceType.Unknown);
        if (unknown != 1)
        {
            throw Bad(source, $"{unknown} pieces for unknown characters instead of one");
        }
        var texts = new HashSet<string>();
        for (int id = 0; id < model.Pieces.Count; id++)
        {
            Piece piece = model.Pieces[id];
            if (piece.Text.Length == 0 || !Enum.IsDefined(piece.Type) || !float.IsFinite(piece.Score) || !texts.Add(piece.Text))
            {
                throw Bad(source, $"piece {id} '{piece.Text}' empty, doubled, of unknown type or without a finite score");
            }
        }
        int bytes = Enumerable.Range(0, 256).Count(value => texts.Contains(SentencePieceModel.ByteText(value)));
        if (model.ByteFallback && bytes != 256)
        {
            throw Bad(source, $"byte fallback with {bytes} byte pieces instead of 256");
        }
        if (model.WhitespaceAsSuffix || !model.EscapeWhitespaces)
        {
            throw Bad(source, "word boundaries other than '▁' in front of words");
        }
    }

    private static UserError Bad(string source, string found) =>
        new($"{source}: expected a SentencePiece model (BPE or unigram), found {found}. Copy tokenizer.model or spiece.model again from where the model came from.");
}
