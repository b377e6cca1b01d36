using System.Text.Json;
using Factory.Core.Disk;

namespace Factory.Core.Text;

/// <summary>
/// What Hugging Face's files beside a tokenizer say: tokens that were added, which are BOS and EOS, and which of them are put around a text.
/// Where two files disagree, the one that transformers 5 follows counts.
/// </summary>
internal sealed record TokenizerSettings
{
    private const string Bos = "bos_token";
    private const string Eos = "eos_token";
    private const string Pad = "pad_token";
    private static readonly string[] Names = [Bos, Eos, "unk_token", Pad, "sep_token", "cls_token", "mask_token"];
    private static readonly string[] ExtraNames = ["additional_special_tokens", "extra_special_tokens"];

    /// <summary>Whether there are such files at all.</summary>
    public bool ArePresent { get; private init; }

    /// <summary>Spelling by role: "bos_token", "eos_token" and so on.</summary>
    public IReadOnlyDictionary<string, string> Named { get; private init; } = new Dictionary<string, string>();

    /// <summary>Tokens with ids of their own, not yet checked against the model.</summary>
    public IReadOnlyList<AddedToken> Added { get; private init; } = [];

    /// <summary>Special tokens listed by spelling only.</summary>
    public IReadOnlyList<string> ExtraSpecial { get; private init; } = [];

    public bool? AddBos { get; private init; }

    public bool? AddEos { get; private init; }

    public SpacePrefix Prefix { get; private init; }

    /// <summary>The post-processor of tokenizer.json, which then decides what is put around a text.</summary>
    public SpecialTokenTemplate? Template { get; private init; }

    /// <summary>A chat template in Hugging Face's Jinja dialect.</summary>
    public string? ChatTemplate { get; private init; }

    /// <exception cref="UserError">A file is malformed or asks for what Factory does not do.</exception>
    public static TokenizerSettings Read(string path)
    {
        IReadOnlyList<string> files = TokenizerFiles.Beside(path);
        string? At(string name) => files.FirstOrDefault(file => Path.GetFileName(file) == name);
        TokenizerObject? config = TokenizerObject.Read(At(TokenizerFiles.Config));
        TokenizerObject? map = TokenizerObject.Read(At(TokenizerFiles.SpecialTokensMap));
        TokenizerObject? addedJson = TokenizerObject.Read(At(TokenizerFiles.AddedTokens));
        TokenizerObject? tokenizer = TokenizerObject.Read(TokenizerFiles.IsJson(path) ? path : At(TokenizerFiles.Json));
        string? chat = At(TokenizerFiles.ChatTemplate);
        RequireSupported(config);
        bool hasDecoder = config?.Object("added_tokens_decoder") is not null;
        var named = new Dictionary<string, string>();
        foreach (string name in Names)
        {
            if ((hasDecoder ? config!.TokenText(name) ?? map?.TokenText(name) : map?.TokenText(name) ?? config?.TokenText(name)) is string text)
            {
                named[name] = text;
            }
        }
        List<string> extra = [.. new[] { config, map }.OfType<TokenizerObject>().SelectMany(file => ExtraNames.SelectMany(file.TokenTexts)).Distinct()];
        HashSet<string> special = [.. named.Values, .. extra];
        return new TokenizerSettings
        {
            ArePresent = new[] { config, map, addedJson, tokenizer }.Any(file => file is not null),
            Named = named,
            ExtraSpecial = extra,
            Added = AddedTokens(config, addedJson, tokenizer, special),
            AddBos = config?.Truth("add_bos_token"),
            AddEos = config?.Truth("add_eos_token"),
            Prefix = config?.Truth("add_prefix_space") == false ? SpacePrefix.Never : config?.Truth("legacy") == true ? SpacePrefix.Always : SpacePrefix.First,
            Template = tokenizer is null ? null : SpecialTokenTemplate.Read(tokenizer),
            ChatTemplate = chat is not null ? InputFile.ReadAllText(chat) : config?.ChatTemplate(),
        };
    }

    private static List<AddedToken> AddedTokens(TokenizerObject? config, TokenizerObject? addedJson, TokenizerObject? tokenizer, HashSet<string> special)
    {
        var byId = new Dictionary<int, AddedToken>();
        if (config?.Object("added_tokens_decoder") is TokenizerObject decoder)
        {
            foreach (AddedToken token in decoder.TokensById(special))
            {
                byId[token.Id] = token;
            }
        }
        else if (addedJson is not null)
        {
            foreach (AddedToken token in addedJson.IdsByText(special))
            {
                byId[token.Id] = token;
            }
        }
        foreach (AddedToken token in tokenizer?.Tokens("added_tokens", special) ?? [])
        {
            byId.TryAdd(token.Id, token);
        }
        return [.. byId.Values.OrderBy(token => token.Id)];
    }

    private static void RequireSupported(TokenizerObject? config)
    {
        if (config is null)
        {
            return;
        }
        config.Refuse("split_special_tokens", value => value.ValueKind == JsonValueKind.True, "false");
        config.Refuse("do_lower_case", value => value.ValueKind == JsonValueKind.True && config.Text("tokenizer_class") is string name && !name.StartsWith("Bert", StringComparison.Ordinal), "false");
        config.Refuse("sp_model_kwargs", value => value.ValueKind == JsonValueKind.Object && value.EnumerateObject().Any(), "no settings (sampling and the like)");
        config.Refuse("auto_map", value => value.ValueKind == JsonValueKind.Object && value.TryGetProperty("AutoTokenizer", out _), "no tokenizer in Python code of its own");
    }
}
