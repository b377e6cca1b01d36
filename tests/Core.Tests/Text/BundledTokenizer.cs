using Factory.Core.Text;

namespace Factory.Core.Tests.Text;

/// <summary>The tokenizer and the text that come with the repository.</summary>
internal static class BundledTokenizer
{
    private static string Folder => Path.Combine(GoldenData.Repository, "assets", "shakespeare");

    public static string FilePath => Path.Combine(Folder, "tokenizer.model");

    public static string Corpus => File.ReadAllText(Path.Combine(Folder, "input.txt"));

    public static TextTokenizer Load() => TextTokenizer.Load(FilePath);
}
