namespace Factory.Core.Text;

/// <summary>A tokenizer's special and added tokens: the model file's own, with what the settings beside it say laid over them.</summary>
internal sealed class SpecialTokens
{
    private static readonly string[] Roled = ["bos_token", "eos_token", "unk_token", "pad_token"];

    /// <param name="source">File to name in errors.</param>
    /// <param name="own">Special tokens of the model file itself.</param>
    /// <param name="roles">What the model file says of roles.</param>
    /// <exception cref="UserError">Two tokens share an id or a spelling, or a token that is put around texts has no id.</exception>
    public SpecialTokens(string source, ITokenModel model, IEnumerable<AddedToken> own, Ids roles, TokenizerSettings settings)
    {
        Dictionary<int, AddedToken> byId = own.ToDictionary(token => token.Id);
        int next = Math.Max(model.Count, settings.Added.Select(token => token.Id + 1).DefaultIfEmpty().Max());
        foreach (AddedToken token in settings.Added)
        {
            byId[token.Id] = token;
        }
        var ids = new Dictionary<string, int>();
        foreach (AddedToken token in byId.Values)
        {
            if (!ids.TryAdd(token.Content, token.Id) || (model.IdOf(token.Content) is int other && other != token.Id))
            {
                throw new UserError($"{source}: expected each added token under one id, found '{token.Content}' as {token.Id} and as {(ids[token.Content] == token.Id ? model.IdOf(token.Content) : ids[token.Content])} too.");
            }
        }
        // As transformers does: special tokens without an id get the next ones.
        foreach (string text in settings.ExtraSpecial.Concat(settings.Named.Where(name => name.Key is "bos_token" or "eos_token").Select(name => name.Value)).Distinct())
        {
            if (!ids.TryGetValue(text, out int id))
            {
                id = model.IdOf(text) ?? next++;
                ids.Add(text, id);
                byId[id] = new AddedToken(id, text, Special: true);
            }
        }
        ById = byId;
        VocabularySize = Math.Max(next, model.Count);
        int? Role(string name, int? fallback) => settings.Named.TryGetValue(name, out string? text) ? ids.TryGetValue(text, out int id) ? id : model.IdOf(text) : fallback;
        Roles = new Ids(Role(Roled[0], roles.Bos), Role(Roled[1], roles.Eos), Role(Roled[2], roles.Unk), Role(Roled[3], roles.Pad));
        Texts = new[] { Roles.Bos, Roles.Eos, Roles.Unk, Roles.Pad }.Zip(Roled)
            .Where(role => role.First is not null)
            .ToDictionary(role => role.Second, role => byId.TryGetValue(role.First!.Value, out AddedToken? token) ? token.Content : model.TextOf(role.First.Value));
        if (settings.Template is SpecialTokenTemplate template)
        {
            (Before, After) = ([.. template.Before.Select(Required)], [.. template.After.Select(Required)]);
        }
        else
        {
            bool opens = settings.AddBos ?? Roles.Bos is not null;
            bool closes = settings.AddEos ?? (Roles.Bos is null && settings.AddBos is null);
            Before = opens && Roles.Bos is int bos ? [bos] : [];
            After = closes && Roles.Eos is int eos ? [eos] : [];
        }
        // Those that wait for normalization are the model's, where it has one.
        AddedToken[] found = [.. byId.Values.Where(token => !(token.Normalized && model.FindsNormalized))];
        All = new AddedTokenSplitter(found);
        NotSpecial = new AddedTokenSplitter(found.Where(token => !token.Special));

        int Required(string text) => ids.TryGetValue(text, out int id) ? id : model.IdOf(text)
            ?? throw new UserError($"{source}: expected the token '{text}' of the post-processor among the tokens, found none.");
    }

    /// <summary>Ids by role.</summary>
    public Ids Roles { get; }

    public IReadOnlyDictionary<string, string> Texts { get; }

    public IReadOnlyDictionary<int, AddedToken> ById { get; }

    public int VocabularySize { get; }

    /// <summary>Put in front of a text.</summary>
    public IReadOnlyList<int> Before { get; }

    /// <summary>Put behind a text.</summary>
    public IReadOnlyList<int> After { get; }

    public AddedTokenSplitter All { get; }

    public AddedTokenSplitter NotSpecial { get; }

    internal readonly record struct Ids(int? Bos, int? Eos, int? Unk, int? Pad);
}
