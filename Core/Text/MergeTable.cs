using System.Text.Json;

namespace Factory.Core.Text;

/// <summary>tokenizer.json's "model" of type BPE: the vocabulary and which neighbours merge into what, in which order.</summary>
internal sealed class MergeTable
{
    private readonly Dictionary<string, int> _ids = [];
    private readonly string?[] _texts;
    private readonly Dictionary<(int Left, int Right), (int Rank, int Joined)> _merges;

    /// <exception cref="UserError">It is another kind of model, or does not fit together.</exception>
    public MergeTable(TokenizerObject tokenizer)
    {
        TokenizerObject model = tokenizer.Object("model") ?? throw tokenizer.Bad("model", "an object", "none");
        string type = model.Text("type") ?? (model.Object("vocab") is not null && model.Elements("merges").Any() ? "BPE" : "none");
        if (type != "BPE")
        {
            throw model.Bad("model.type", "BPE (for others the SentencePiece file is needed: put tokenizer.model or spiece.model beside it)", type);
        }
        model.Refuse("dropout", value => value.ValueKind == JsonValueKind.Number && value.GetDouble() != 0, "no dropout");
        model.Refuse("continuing_subword_prefix", value => value.GetString() != "", "no prefix");
        model.Refuse("end_of_word_suffix", value => value.GetString() != "", "no suffix");
        foreach (JsonProperty entry in (model.Object("vocab") ?? throw model.Bad("model.vocab", "an object", "none")).Properties())
        {
            _ids[entry.Name] = entry.Value.ValueKind == JsonValueKind.Number && entry.Value.TryGetInt32(out int id) && id >= 0 ? id : throw model.Bad($"model.vocab.{entry.Name}", "an id", entry.Value.GetRawText());
        }
        _texts = new string?[_ids.Values.DefaultIfEmpty(-1).Max() + 1];
        foreach ((string text, int id) in _ids)
        {
            _texts[id] = text;
        }
        FusesUnknown = model.Truth("fuse_unk") ?? false;
        IgnoresMerges = model.Truth("ignore_merges") ?? false;
        UnknownId = model.Text("unk_token") is string unknown ? IdOf(unknown) : null;
        int[] byteIds = [.. Enumerable.Range(0, 256).Select(value => IdOf(SentencePieceModel.ByteText(value)) ?? -1)];
        ByteIds = model.Truth("byte_fallback") == true && !byteIds.Contains(-1) ? byteIds : null;
        _merges = ReadMerges(model);
    }

    /// <summary>Ids are below it.</summary>
    public int Count => _texts.Length;

    public int? UnknownId { get; }

    /// <summary>A run of unknown characters is one unknown token.</summary>
    public bool FusesUnknown { get; }

    /// <summary>A word that is a piece is taken as it is, whether or not merges lead there.</summary>
    public bool IgnoresMerges { get; }

    /// <summary>The pieces of single bytes, which spell what has no piece; null where there are none.</summary>
    public int[]? ByteIds { get; }

    public int? IdOf(string text) => _ids.TryGetValue(text, out int id) ? id : null;

    /// <summary>null for an id that has no piece.</summary>
    public string? TextOf(int id) => id < _texts.Length ? _texts[id] : null;

    public (int Rank, int Joined)? Find(int left, int right) => _merges.TryGetValue((left, right), out (int Rank, int Joined) merge) ? merge : null;

    private Dictionary<(int Left, int Right), (int Rank, int Joined)> ReadMerges(TokenizerObject model)
    {
        var merges = new Dictionary<(int Left, int Right), (int Rank, int Joined)>();
        int rank = 0;
        foreach (JsonElement element in model.Elements("merges"))
        {
            string[] pair = element.ValueKind switch
            {
                JsonValueKind.String => element.GetString()!.Split(' '),
                JsonValueKind.Array when element.EnumerateArray().All(side => side.ValueKind == JsonValueKind.String) => [.. element.EnumerateArray().Select(side => side.GetString() ?? "")],
                _ => [],
            };
            if (pair is not [string left, string right] || IdOf(left) is not int leftId || IdOf(right) is not int rightId || IdOf(left + right) is not int joined)
            {
                throw model.Bad($"model.merges[{rank}]", "two pieces whose join is a piece", element.GetRawText());
            }
            merges[(leftId, rightId)] = (rank++, joined);
        }
        return merges;
    }
}
