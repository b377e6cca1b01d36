using System.Text.Json.Nodes;
using Factory.Core.Text;

namespace Factory.Exporter.Tokenizers;

/// <summary>
/// A SentencePiece model as Hugging Face's tokenizer.json: the same pieces and ids, with SentencePiece's handling of spaces spelled out as normalizers
/// and decoders, and for BPE the merges that its scores imply.
/// </summary>
internal static class TokenizerJson
{
    private const string Space = "▁";

    public static JsonObject From(SentencePieceModel model) => new()
    {
        ["version"] = "1.0",
        ["truncation"] = null,
        ["padding"] = null,
        ["added_tokens"] = AddedTokens(model),
        ["normalizer"] = Normalizer(model),
        ["pre_tokenizer"] = null,
        ["post_processor"] = PostProcessor(model),
        ["decoder"] = Decoder(model),
        ["model"] = model.IsBpe ? Bpe(model) : Unigram(model),
    };

    /// <summary>tokenizer_config.json.</summary>
    /// <param name="window">Longest sequence of the model, in tokens.</param>
    public static JsonObject Config(SentencePieceModel model, int window, string? chatTemplate)
    {
        var config = new JsonObject
        {
            // Any other class builds a pipeline of its own instead of the one in tokenizer.json.
            ["tokenizer_class"] = "PreTrainedTokenizerFast",
            ["model_max_length"] = window,
            ["clean_up_tokenization_spaces"] = false,
            ["add_bos_token"] = model.BosId is not null,
            ["add_eos_token"] = AppendsEos(model),
            ["unk_token"] = model.Pieces[model.UnknownId].Text,
        };
        Add("bos_token", model.BosId);
        Add("eos_token", model.EosId);
        Add("pad_token", model.PadId);
        if (chatTemplate is not null)
        {
            config["chat_template"] = chatTemplate;
        }
        return config;

        void Add(string key, int? id)
        {
            if (id is int known)
            {
                config[key] = model.Pieces[known].Text;
            }
        }
    }

    /// <summary>Without a BOS (T5) sequences end with EOS instead.</summary>
    private static bool AppendsEos(SentencePieceModel model) => model.BosId is null && model.EosId is not null;

    private static JsonArray AddedTokens(SentencePieceModel model) =>
        [.. Ids(model, piece => piece.Type is PieceType.Control or PieceType.Unknown or PieceType.UserDefined).Select(id => new JsonObject
        {
            ["id"] = id,
            ["content"] = model.Pieces[id].Text.Replace(Space, " ", StringComparison.Ordinal),
            ["single_word"] = false,
            ["lstrip"] = false,
            ["rstrip"] = false,
            ["normalized"] = false,
            ["special"] = model.Pieces[id].Type != PieceType.UserDefined,
        })];

    private static JsonObject Normalizer(SentencePieceModel model)
    {
        JsonArray steps = [];
        if (!model.CharacterMap.IsEmpty)
        {
            steps.Add(new JsonObject { ["type"] = "Precompiled", ["precompiled_charsmap"] = Convert.ToBase64String(model.CharacterMap.Span) });
        }
        if (model.RemoveExtraWhitespaces)
        {
            steps.Add(Replace("^ +| +$", ""));
            steps.Add(Replace(" {2,}", " "));
        }
        if (model.AddDummyPrefix)
        {
            steps.Add(new JsonObject { ["type"] = "Prepend", ["prepend"] = Space });
        }
        steps.Add(new JsonObject { ["type"] = "Replace", ["pattern"] = new JsonObject { ["String"] = " " }, ["content"] = Space });
        return new JsonObject { ["type"] = "Sequence", ["normalizers"] = steps };

        static JsonObject Replace(string pattern, string content) =>
            new() { ["type"] = "Replace", ["pattern"] = new JsonObject { ["Regex"] = pattern }, ["content"] = content };
    }

    private static JsonObject? PostProcessor(SentencePieceModel model)
    {
        if ((model.BosId ?? (AppendsEos(model) ? model.EosId : null)) is not int id)
        {
            return null;
        }
        string text = model.Pieces[id].Text;
        return new JsonObject
        {
            ["type"] = "TemplateProcessing",
            ["single"] = Template("A"),
            ["pair"] = new JsonArray([.. Template("A").Concat(Template("B")).Select(item => item!.DeepClone())]),
            ["special_tokens"] = new JsonObject { [text] = new JsonObject { ["id"] = text, ["ids"] = new JsonArray(id), ["tokens"] = new JsonArray(text) } },
        };

        JsonArray Template(string sequence)
        {
            int type = sequence == "A" ? 0 : 1;
            var special = new JsonObject { ["SpecialToken"] = new JsonObject { ["id"] = text, ["type_id"] = type } };
            var content = new JsonObject { ["Sequence"] = new JsonObject { ["id"] = sequence, ["type_id"] = type } };
            return model.BosId is null ? [content, special] : [special, content];
        }
    }

    private static JsonObject Decoder(SentencePieceModel model)
    {
        JsonArray steps = [new JsonObject { ["type"] = "Replace", ["pattern"] = new JsonObject { ["String"] = Space }, ["content"] = " " }];
        if (model.ByteFallback)
        {
            steps.Add(new JsonObject { ["type"] = "ByteFallback" });
        }
        steps.Add(new JsonObject { ["type"] = "Fuse" });
        if (model.AddDummyPrefix)
        {
            steps.Add(new JsonObject { ["type"] = "Strip", ["content"] = " ", ["start"] = 1, ["stop"] = 0 });
        }
        return new JsonObject { ["type"] = "Sequence", ["decoders"] = steps };
    }

    private static JsonObject Unigram(SentencePieceModel model) => new()
    {
        ["type"] = "Unigram",
        ["unk_id"] = model.UnknownId,
        ["vocab"] = new JsonArray([.. model.Pieces.Select(piece => new JsonArray(piece.Text, (double)piece.Score))]),
        ["byte_fallback"] = model.ByteFallback,
    };

    private static JsonObject Bpe(SentencePieceModel model)
    {
        var vocabulary = new JsonObject();
        for (int id = 0; id < model.Pieces.Count; id++)
        {
            vocabulary[model.Pieces[id].Text] = id;
        }
        return new JsonObject
        {
            ["type"] = "BPE",
            ["dropout"] = null,
            ["unk_token"] = model.Pieces[model.UnknownId].Text,
            ["continuing_subword_prefix"] = null,
            ["end_of_word_suffix"] = null,
            ["fuse_unk"] = true,
            ["byte_fallback"] = model.ByteFallback,
            ["vocab"] = vocabulary,
            ["merges"] = new JsonArray([.. Merges(model).Select(merge => JsonValue.Create($"{merge.Left} {merge.Right}"))]),
        };
    }

    /// <summary>Every way to join two pieces to a third, the best-scored first: SentencePiece's order of joins.</summary>
    private static IEnumerable<(string Left, string Right)> Merges(SentencePieceModel model)
    {
        Dictionary<string, int> ids = Ids(model, piece => piece.Type is PieceType.Normal or PieceType.Unused).ToDictionary(id => model.Pieces[id].Text);
        return ids.Values
            .SelectMany(id => Enumerable.Range(1, model.Pieces[id].Text.Length - 1).Select(at => (Id: id, Left: model.Pieces[id].Text[..at], Right: model.Pieces[id].Text[at..])))
            .Where(merge => ids.ContainsKey(merge.Left) && ids.ContainsKey(merge.Right))
            .OrderByDescending(merge => model.Pieces[merge.Id].Score).ThenBy(merge => merge.Id).ThenBy(merge => ids[merge.Left]).ThenBy(merge => ids[merge.Right])
            .Select(merge => (merge.Left, merge.Right));
    }

    private static IEnumerable<int> Ids(SentencePieceModel model, Func<Piece, bool> wanted) => Enumerable.Range(0, model.Pieces.Count).Where(id => wanted(model.Pieces[id]));
}
