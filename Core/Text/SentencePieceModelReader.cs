using Factory.Core.Text.Protobuf;
using Google.Protobuf;

namespace Factory.Core.Text;

/// <summary>Reads a SentencePiece <c>.model</c> file (sentencepiece_model.proto) and refuses what Factory does not run.</summary>
internal static class SentencePieceModelReader
{
    /// <exception cref="UserError">The bytes are no such file, or describe a tokenizer that Factory does not run.</exception>
    public static SentencePieceModel Parse(byte[] bytes, string source)
    {
        RequireOtherThanTiktoken(bytes, source);
        ModelProto proto;
        try
        {
            proto = ModelProto.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException error)
        {
            throw Bad(source, $"something else ({error.Message.ReplaceLineEndings(" ").TrimEnd('.')})");
        }
        if (proto.TrainerSpec is null || proto.NormalizerSpec is null || proto.Pieces.Count == 0)
        {
            throw Bad(source, $"{(proto.Pieces.Count == 0 ? "no pieces" : "no trainer or normalizer settings")} (is the file truncated?)");
        }
        RequireSupported(proto, source);
        SentencePieceModel model = FromProto(proto);
        RequireSound(model, source);
        return model;
    }

    private static SentencePieceModel FromProto(ModelProto proto)
    {
        (TrainerSpec trainer, NormalizerSpec normalizer) = (proto.TrainerSpec, proto.NormalizerSpec);
        return new SentencePieceModel
        {
            Pieces = [.. proto.Pieces.Select(piece => new Piece(piece.Piece, piece.Score, (PieceType)piece.Type))],
            IsBpe = trainer.ModelType == TrainerSpec.Types.ModelType.Bpe,
            ByteFallback = trainer.ByteFallback,
            AddDummyPrefix = normalizer.AddDummyPrefix,
            RemoveExtraWhitespaces = normalizer.RemoveExtraWhitespaces,
            CharacterMap = normalizer.PrecompiledCharsmap.Memory,
            BosPiece = trainer.BosPiece,
            EosPiece = trainer.EosPiece,
            PadPiece = trainer.PadPiece,
            UnknownSurface = trainer.UnkSurface,
        };
    }

    private static void RequireSupported(ModelProto proto, string source)
    {
        if (proto.TrainerSpec.ModelType is not (TrainerSpec.Types.ModelType.Unigram or TrainerSpec.Types.ModelType.Bpe))
        {
            throw Bad(source, $"model type {proto.TrainerSpec.ModelType.ToString().ToUpperInvariant()}");
        }
        if (proto.TrainerSpec.TreatWhitespaceAsSuffix || !proto.NormalizerSpec.EscapeWhitespaces)
        {
            throw Bad(source, "word boundaries other than '▁' in front of words");
        }
        if (proto.DenormalizerSpec is { PrecompiledCharsmap.IsEmpty: false })
        {
            throw Bad(source, "replacements on decoding (denormalizer_spec)");
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
    }

    /// <summary>LLaMA 3 came with a tokenizer.model of another kind: lines of a piece in base64 and its rank.</summary>
    private static void RequireOtherThanTiktoken(ReadOnlySpan<byte> bytes, string source)
    {
        if (TiktokenFile.Looks(bytes))
        {
            throw new UserError($"{source}: expected a SentencePiece model, found a tiktoken vocabulary (base64 text, as LLaMA 3 has it), which says nothing of how text is split. "
                + "Put the model's tokenizer.json beside it instead.");
        }
    }

    private static UserError Bad(string source, string found) =>
        new($"{source}: expected a SentencePiece model (BPE or unigram), found {found}. Copy tokenizer.model or spiece.model again from where the model came from.");
}
