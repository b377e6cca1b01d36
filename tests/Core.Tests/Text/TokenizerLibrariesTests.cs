using System.Text.Json;
using Factory.Core.Text;

namespace Factory.Core.Tests.Text;

/// <summary>Adversarial texts against the ids and texts of sentencepiece and of Hugging Face's tokenizers, over small tokenizers of many settings.</summary>
public class TokenizerLibrariesTests
{
    private const char Replacement = '\uFFFD';

    public static TheoryData<string> SentencePieceModels { get; } =
        new(GoldenData.Names("tokenizer_golden", "sentencepiece").Where(name => name.EndsWith(".model", StringComparison.Ordinal)).Select(name => Path.GetFileNameWithoutExtension(name)));

    public static TheoryData<string> JsonTokenizers { get; } = new(GoldenData.Names("tokenizer_golden", "hugging_face"));

    [Theory]
    [MemberData(nameof(SentencePieceModels))]
    public void A_model_file_alone_is_sentencepiece(string name)
    {
        TextTokenizer tokenizer = TextTokenizer.Load(GoldenData.At("tokenizer_golden", "sentencepiece", name + ".model"));
        foreach (GoldenCase golden in Cases(GoldenData.At("tokenizer_golden", "sentencepiece", name + ".json")))
        {
            if (golden.Text is string text)
            {
                Assert.Equal((text, Show(golden.Ids)), (text, Show(tokenizer.Encode(text, addBos: false))));
            }
            Assert.Equal(golden.Decoded, tokenizer.Decode(golden.Ids));
        }
    }

    [Theory]
    [MemberData(nameof(JsonTokenizers))]
    public void A_tokenizer_json_alone_is_the_tokenizers_library(string name)
    {
        TextTokenizer tokenizer = TextTokenizer.FindIn(GoldenData.At("tokenizer_golden", "hugging_face", name))!;
        foreach (GoldenCase golden in Cases(GoldenData.At("tokenizer_golden", "hugging_face", name, "golden.json")))
        {
            if (golden.Text is string text)
            {
                Assert.Equal((text, Show(golden.Ids)), (text, Show(tokenizer.EncodeWithSpecialTokens(text))));
            }
            // Of byte pieces that are no UTF-8, the library replaces the whole run, which no decoder of one id at a time can know.
            if (!golden.Decoded.Contains(Replacement))
            {
                Assert.Equal(golden.Decoded, tokenizer.Decode(golden.Ids));
            }
        }
    }

    [Fact]
    public void Gpt2_s_vocabulary_and_merges_as_a_tokenizer_json_give_its_golden_ids()
    {
        using var folder = new TemporaryFolder();
        using JsonDocument vocabulary = JsonDocument.Parse(File.ReadAllBytes(GoldenData.At("tokenizers", "gpt2", "vocab.json")));
        string[] merges = [.. File.ReadAllLines(GoldenData.At("tokenizers", "gpt2", "merges.txt")).Where(line => line.Length > 0 && !line.StartsWith("#version", StringComparison.Ordinal))];
        File.WriteAllText(folder.At("tokenizer.json"), JsonSerializer.Serialize(new
        {
            added_tokens = new[] { new { id = 50256, content = "<|endoftext|>", special = true, normalized = true } },
            pre_tokenizer = new { type = "ByteLevel", add_prefix_space = false },
            decoder = new { type = "ByteLevel" },
            model = new { type = "BPE", vocab = vocabulary.RootElement, merges },
        }));
        TextTokenizer tokenizer = TextTokenizer.FindIn(folder.Path)!;
        Assert.Equal(50257, tokenizer.VocabularySize);
        foreach (GoldenCase golden in Cases(GoldenData.At("tokenizers", "golden", "gpt2.json")))
        {
            Assert.Equal((golden.Text, Show(golden.Ids)), (golden.Text, Show(tokenizer.EncodeWithSpecialTokens(golden.Text!))));
            Assert.Equal(golden.Text, tokenizer.Decode(golden.Ids));
        }
    }

    private static string Show(IEnumerable<int> ids) => string.Join(' ', ids);

    private static List<GoldenCase> Cases(string path)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
        return [.. document.RootElement.EnumerateArray().Select(item => new GoldenCase(
            item.TryGetProperty("text", out JsonElement text) ? text.GetString() : null,
            [.. item.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())],
            item.GetProperty("decoded").GetString()!))];
    }

    private sealed record GoldenCase(string? Text, int[] Ids, string Decoded);
}
