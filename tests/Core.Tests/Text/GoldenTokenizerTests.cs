using System.Text.Json;
using Factory.Core.Text;

namespace Factory.Core.Tests.Text;

/// <summary>Against ids and texts that Hugging Face's and Google's tokenizers gave.</summary>
public class GoldenTokenizerTests
{
    private static readonly string[] Specials = ["<s>", "</s>"];

    /// <summary>Golden file and tokenizer. T5's is part of the repository, LLaMA 2's licence keeps it with the larger sets.</summary>
    public static TheoryData<string, string> Models => Available(("llama", "llama2/tokenizer.model"), ("t5", "t5/spiece.model"));

    public static TheoryData<string, string, int[]> Ties => Available(
        ("llama2/tokenizer.model", "_______", new[] { 903, 7652, 1649 }),
        ("llama2/tokenizer.model", "a _______ b", [263, 903, 7652, 1649, 289]),
        ("t5/spiece.model", "The ________ part", [37, 3, 834, 22319, 294]),
        ("t5/spiece.model", "ab\U0001F917\u4E00cd", [703, 2, 75, 26]),
        ("t5/spiece.model", "", []),
        ("llama2/tokenizer.model", " ", [259]));

    public static TheoryData<string, string, int[]> SpecialTokens => Available(
        ("llama2/tokenizer.model", " </s> test </s> ", new[] { 1, 259, 2, 1243, 29871, 2, 29871 }),
        ("llama2/tokenizer.model", "</s>test</s>", [1, 2, 1688, 2]),
        ("llama2/tokenizer.model", "<s>\n", [1, 1, 13]),
        ("llama2/tokenizer.model", "x<unk>y", [1, 921, 0, 29891]),
        ("t5/spiece.model", "a </s> b", [3, 9, 1, 3, 115, 1]),
        ("t5/spiece.model", "</s>test</s>", [1, 794, 1, 1]));

    public static TheoryData<string, (int, int?, int?, int?, int?)> Specifications => Available(
        ("llama2/tokenizer.model", (32000, (int?)1, (int?)2, (int?)0, (int?)null)),
        ("t5/spiece.model", (32100, null, 1, 2, 0)));

    [Theory]
    [MemberData(nameof(Models))]
    public void Every_golden_text_has_the_golden_ids(string name, string model)
    {
        TextTokenizer tokenizer = TextTokenizer.Load(GoldenData.At("tokenizers", model));
        foreach (GoldenCase golden in Cases(name))
        {
            Assert.True(golden.Ids.AsSpan().SequenceEqual(tokenizer.EncodeWithSpecialTokens(golden.Text)), golden.Name);
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Every_golden_id_list_has_the_golden_text(string name, string model)
    {
        TextTokenizer tokenizer = TextTokenizer.Load(GoldenData.At("tokenizers", model));
        foreach (GoldenCase golden in Cases(name))
        {
            // Hugging Face spells special tokens out and, for T5, takes out spaces in front of punctuation.
            string expected = Specials.Aggregate(golden.Decoded, (text, special) => text.Replace(special, "", StringComparison.Ordinal));
            string found = tokenizer.Decode(golden.Ids);
            Assert.Equal(name == "t5" ? WithoutSpacesBeforePunctuation(expected).Trim() : expected, name == "t5" ? WithoutSpacesBeforePunctuation(found).Trim() : " " + found);
        }
    }

    [Theory]
    [MemberData(nameof(Ties))]
    public void Ties_and_unknown_characters_go_as_in_the_reference(string model, string text, int[] expected) =>
        Assert.Equal(expected, TextTokenizer.Load(GoldenData.At("tokenizers", model)).Encode(text, addBos: false));

    [Theory]
    [MemberData(nameof(SpecialTokens))]
    public void A_special_token_in_a_text_is_that_token(string model, string text, int[] expected) =>
        Assert.Equal(expected, TextTokenizer.Load(GoldenData.At("tokenizers", model)).EncodeWithSpecialTokens(text));

    [Theory]
    [MemberData(nameof(Specifications))]
    public void Special_ids_and_sizes_come_from_the_file(string model, (int Size, int? Bos, int? Eos, int? Unk, int? Pad) expected)
    {
        TextTokenizer tokenizer = TextTokenizer.Load(GoldenData.At("tokenizers", model));
        Assert.Equal(expected, (tokenizer.VocabularySize, tokenizer.BosTokenId, tokenizer.EosTokenId, tokenizer.UnkTokenId, tokenizer.PadTokenId));
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Sections_of_whole_lines_have_the_ids_of_the_whole_text(string name, string model)
    {
        Assert.NotEmpty(Cases(name));
        TextTokenizer tokenizer = TextTokenizer.Load(GoldenData.At("tokenizers", model));
        string[] lines = [.. BundledTokenizer.Corpus[..60_000].Split('\n').Select(line => line + "\n")];
        IEnumerable<int> sections = lines.Chunk(97).SelectMany((chunk, i) => tokenizer.EncodePlain(string.Concat(chunk), continues: i > 0));
        Assert.Equal(tokenizer.EncodePlain(string.Concat(lines)), sections);
    }

    private static TheoryData<T1, T2> Available<T1, T2>(params (T1, T2)[] rows) => [.. rows.Where(row => Exists(row.Item1, row.Item2))];

    private static TheoryData<T1, T2, T3> Available<T1, T2, T3>(params (T1, T2, T3)[] rows) => [.. rows.Where(row => Exists(row.Item1))];

    private static bool Exists(params object?[] row) => row.OfType<string>().Where(value => value.Contains('/', StringComparison.Ordinal)).All(model => GoldenData.Find("tokenizers", model) is not null);

    private static List<GoldenCase> Cases(string name)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(GoldenData.At("tokenizers", "golden", name + ".json")));
        return [.. document.RootElement.EnumerateArray().Select(item => new GoldenCase(
            item.GetProperty("name").GetString()!,
            item.GetProperty("text").GetString()!,
            [.. item.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())],
            item.GetProperty("decoded").GetString()!))];
    }

    private static string WithoutSpacesBeforePunctuation(string text) =>
        new[] { " .", " ?", " !", " ,", " n't", " 'm", " 's", " 've", " 're" }
            .Aggregate(text.Replace(" ' ", "'", StringComparison.Ordinal), (cleaned, pair) => cleaned.Replace(pair, pair[1..], StringComparison.Ordinal));

    private sealed record GoldenCase(string Name, string Text, int[] Ids, string Decoded);
}
