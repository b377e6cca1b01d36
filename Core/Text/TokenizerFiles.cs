using Factory.Core.Disk;

namespace Factory.Core.Text;

/// <summary>The files that make up a tokenizer, under the names that Hugging Face gives them.</summary>
public static class TokenizerFiles
{
    public const string Json = "tokenizer.json";
    internal const string Config = "tokenizer_config.json";
    internal const string AddedTokens = "added_tokens.json";
    internal const string SpecialTokensMap = "special_tokens_map.json";
    internal const string ChatTemplate = "chat_template.jinja";

    private static readonly string[] Companions = [Json, Config, AddedTokens, SpecialTokensMap, ChatTemplate];

    /// <summary>Files of which one is enough, in the order they are looked for: a SentencePiece model is the truth where tokenizer.json lies beside it.</summary>
    public static IReadOnlyList<string> Models { get; } = ["tokenizer.model", "spiece.model", Json];

    /// <summary>The tokenizer's main file in a directory, or null. A tiktoken vocabulary is none: it does not say how text is split.</summary>
    public static string? FindIn(string directory) =>
        Models.Select(name => Path.Combine(directory, name)).FirstOrDefault(path => File.Exists(path) && !TiktokenFile.IsAt(path));

    /// <summary>Whether a main file is a tokenizer.json, by its extension.</summary>
    internal static bool IsJson(string path) => Path.GetExtension(path) == ".json";

    /// <summary>The name that a copy of a main file gets: its own where that is found again, else the first of <see cref="Models"/>.</summary>
    public static string StandardNameOf(string path) => Models.Contains(Path.GetFileName(path)) ? Path.GetFileName(path) : IsJson(path) ? Json : Models[0];

    /// <summary>A main file and what lies beside it that changes its tokens. A file under a name of its own stands alone.</summary>
    public static IReadOnlyList<string> Beside(string path)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        IEnumerable<string> companions = Models.Contains(Path.GetFileName(path)) ? Companions.Select(name => Path.Combine(folder, name)) : [];
        return [path, .. companions.Where(companion => File.Exists(companion) && companion != Path.GetFullPath(path))];
    }

    /// <summary>Copies a tokenizer into <paramref name="directory"/>, where it is then found.</summary>
    public static void Copy(string path, string directory)
    {
        foreach ((int index, string file) in Beside(path).Index())
        {
            InputFile.CopyTo(file, Path.Combine(directory, index == 0 ? StandardNameOf(file) : Path.GetFileName(file)));
        }
    }
}
