using Factory.Core.Text;

namespace Factory.Exporter.Gguf;

/// <summary>A SentencePiece model as GGUF's tokenizer keys: "llama" for BPE, "t5" for unigram. Token types have the numbers of SentencePiece's.</summary>
internal static class GgufTokenizer
{
    public static void Write(GgufWriter writer, SentencePieceModel model, int vocabulary, string? chatTemplate)
    {
        // The embedding may have more rows than the tokenizer has pieces.
        int extra = Math.Max(0, vocabulary - model.Pieces.Count);
        writer.Metadata("tokenizer.ggml.model", model.IsBpe ? "llama" : "t5");
        writer.Metadata("tokenizer.ggml.pre", "default");
        writer.Metadata("tokenizer.ggml.tokens", [.. model.Pieces.Select(piece => piece.Text), .. Enumerable.Range(0, extra).Select(i => $"[PAD{model.Pieces.Count + i}]")]);
        writer.Metadata("tokenizer.ggml.scores", [.. model.Pieces.Select(piece => piece.Score), .. Enumerable.Repeat(-1000f, extra)]);
        writer.Metadata("tokenizer.ggml.token_type", [.. model.Pieces.Select(piece => (int)piece.Type), .. Enumerable.Repeat((int)PieceType.Unused, extra)]);
        writer.Metadata("tokenizer.ggml.unknown_token_id", (uint)model.UnknownId);
        Id("bos", model.BosId);
        Id("eos", model.EosId);
        Id("padding", model.PadId);
        writer.Metadata("tokenizer.ggml.add_bos_token", model.BosId is not null);
        writer.Metadata("tokenizer.ggml.add_eos_token", false);
        writer.Metadata("tokenizer.ggml.add_space_prefix", model.AddDummyPrefix);
        writer.Metadata("tokenizer.ggml.remove_extra_whitespaces", model.RemoveExtraWhitespaces);
        if (!model.CharacterMap.IsEmpty)
        {
            writer.Metadata("tokenizer.ggml.precompiled_charsmap", model.CharacterMap.Span);
        }
        if (chatTemplate is not null)
        {
            writer.Metadata("tokenizer.chat_template", chatTemplate);
        }

        void Id(string name, int? id)
        {
            if (id is int known)
            {
                writer.Metadata($"tokenizer.ggml.{name}_token_id", (uint)known);
            }
        }
    }
}
