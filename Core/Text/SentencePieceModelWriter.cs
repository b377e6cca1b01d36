using Factory.Core.Text.Protobuf;
using Google.Protobuf;

namespace Factory.Core.Text;

/// <summary>Writes a SentencePiece <c>.model</c> file (sentencepiece_model.proto), which every SentencePiece program can read.</summary>
internal static class SentencePieceModelWriter
{
    public static byte[] Write(SentencePieceModel model)
    {
        var proto = new ModelProto
        {
            TrainerSpec = new TrainerSpec
            {
                ModelType = model.IsBpe ? TrainerSpec.Types.ModelType.Bpe : TrainerSpec.Types.ModelType.Unigram,
                VocabSize = model.Pieces.Count,
                ByteFallback = model.ByteFallback,
                UnkId = model.Pieces.Select(piece => piece.Type).ToList().IndexOf(PieceType.Unknown),
                BosId = model.BosId ?? -1,
                EosId = model.EosId ?? -1,
                PadId = model.PadId ?? -1,
                UnkPiece = model.Pieces.FirstOrDefault(piece => piece.Type == PieceType.Unknown, new Piece("<unk>", 0, PieceType.Unknown)).Text,
                BosPiece = model.BosPiece,
                EosPiece = model.EosPiece,
                PadPiece = model.PadPiece,
                UnkSurface = model.UnknownSurface,
            },
            NormalizerSpec = new NormalizerSpec
            {
                Name = "identity",
                AddDummyPrefix = model.AddDummyPrefix,
                RemoveExtraWhitespaces = model.RemoveExtraWhitespaces,
                EscapeWhitespaces = true,
            },
        };
        proto.Pieces.AddRange(model.Pieces.Select(piece => new ModelProto.Types.SentencePiece
        {
            Piece = piece.Text,
            Score = piece.Score,
            Type = (ModelProto.Types.SentencePiece.Types.Type)piece.Type,
        }));
        return proto.ToByteArray();
    }
}
