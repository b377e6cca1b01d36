using System.Text.Json;
using Factory.Core.Text;

namespace Factory.Core.Tests.Text;

/// <summary>Against ids and texts that Hugging Face's and Google's tokenizers gave.</summary>
public class GoldenTokenizerTests
{
    private static readonly string[] Specials = ["<s>", "</s>"];

    [Theory]
    [InlineData("llama", "llama2/tokenizer.model")]
    [InlineData("t5", "t5/spiece.model")]
    public void Every_golden_text_has_the_golden_ids(string name, string model)
    {
        TextTokenizer tokenizer = TextTokenizer.Load(GoldenData.At("tokenizers", model));
        foreach (GoldenCase golden in Cases(name))
        {
            Assert.True(golden.Ids.AsSpan().SequenceEqual(tokenizer.EncodeWithSpecialTokens(golden.Text)), golden.Name);
        }
    }

    [Theory]
    [InlineData("llama", "llama2/tokenizer.model")]
    [InlineData("t5", "t5/spiece.model")]
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
    [InlineData("llama2/tokenizer.model", "_______", new[] { 903, 7652, 1649 })]
    [InlineData("llama2/tokenizer.model", "a _______ b", new[] { 263, 903, 7652, 1649, 289 })]
    [InlineData("t5/spiece.model", "The ________ part", new[] { 37, 3, 834, 22319, 294 })]
    [InlineData("t5/spiece.model", "ab\U0001F917\u4E00cd", new[] { 703, 2, 75, 26 })]
    [InlineData("t5/spiece.model", "", new int[0])]
    [InlineData("llama2/tokenizer.model", " ", new[] { 259 })]
    public void Ties_and_unknown_characters_go_as_in_the_reference(string model, string text, int[] expected) =>
        Assert.Equal(expected, TextTokenizer.Load(GoldenData.At("tokenizers", model)).Encode(text, addBos: false));

    [Theory]
    [InlineData("llama2/tokenizer.model", " </s> test </s> ", new[] { 1, 259, 2, 1243, 29871, 2, 29871 })]
    [InlineData("llama2/tokenizer.model", "</s>test</s>", new[] { 1, 2, 1688, 2 })]
    [InlineData("llama2/tokenizer.model", "<s>\n", new[] { 1, 1, 13 })]
    [InlineData("llama2/tokenizer.model", "x<unk>y", new[] { 1, 921, 0, 29891 })]
    [InlineData("t5/spiece.model", "a </s> b", new[] { 3, 9, 1, 3, 115, 1 })]
    [InlineData("t5/spiece.model", "</s>test</s>", new[] { 1, 794, 1, 1 })]
    public void A_special_token_in_a_text_is_that_token(string model, string text, int[] expected) =>
        Assert.Equal(expected, TextTokenizer.Load(GoldenData.At("tokenizers", model)).EncodeWithSpecialTokens(text));

    [Fact]
    public void Special_ids_and_sizes_come_from_the_file()
    {
        TextTokenizer llama = TextTokenizer.Load(GoldenData.At("tokenizers", "llama2", "tokenizer.model"));
        TextTokenizer t5 = TextTokenizer.Load(GoldenData.At("tokenizers", "t5", "spiece.model"));
        Assert.Equal((32000, 1, 2, 0, null), (llama.VocabularySize, llama.BosTokenId, llama.EosTokenId, llama.UnkTokenId, llama.PadTokenId));
        Assert.Equal((32000, null, 1, 2, 0), (t5.VocabularySize, t5.BosTokenId, t5.EosTokenId, t5.UnkTokenId, t5.PadTokenId));
    }

    [Theory]
    [InlineData("llama2/tokenizer.model")]
    [InlineData("t5/spiece.model")]
    public void Sections_of_whole_lines_have_the_ids_of_the_whole_text(string model)
    {
        TextTokenizer tokenizer = TextTokenizer.Load(GoldenData.At("tokenizers", model));
        string[] lines = [.. BundledTokenizer.Corpus[..60_000].Split('\n').Select(line => line + "\n")];
        IEnumerable<int> sections = lines.Chunk(97).SelectMany((chunk, i) => tokenizer.EncodePlain(string.Concat(chunk), continues: i > 0));
        Assert.Equal(tokenizer.EncodePlain(string.Concat(lines)), sections);
    }

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
