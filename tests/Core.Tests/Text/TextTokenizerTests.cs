using Factory.Core.Text;

namespace Factory.Core.Tests.Text;

public class TextTokenizerTests
{
    private const int BosId = 1;
    private const int EosId = 2;

    [Fact]
    public void The_bundled_tokenizer_gives_the_bundled_corpus_back()
    {
        TextTokenizer tokenizer = BundledTokenizer.Load();
        string corpus = BundledTokenizer.Corpus;
        IReadOnlyList<int> ids = tokenizer.EncodePlain(corpus);
        Assert.Equal(395_239, ids.Count);
        Assert.Equal(corpus, tokenizer.Decode(ids));
    }

    [Fact]
    public void The_bundled_tokenizer_gives_every_text_back()
    {
        TextTokenizer tokenizer = BundledTokenizer.Load();
        foreach (string text in TextSamples.Nasty.Concat(TextSamples.Random(500, seed: 1)))
        {
            // A literal '▁' is the one character that SentencePiece cannot tell from a space.
            Assert.Equal(text.Replace('▁', ' '), tokenizer.Decode(tokenizer.EncodePlain(text)));
        }
    }

    [Fact]
    public void A_line_end_costs_one_token() => Assert.Single(BundledTokenizer.Load().EncodePlain("\n"));

    [Fact]
    public void Ids_are_below_the_vocabulary_size()
    {
        TextTokenizer tokenizer = BundledTokenizer.Load();
        Assert.Equal(2048, tokenizer.VocabularySize);
        Assert.All(TextSamples.Nasty.SelectMany(text => tokenizer.EncodePlain(text)), id => Assert.InRange(id, 0, 2047));
    }

    [Fact]
    public void Bos_stands_in_front_only_when_asked_for()
    {
        TextTokenizer tokenizer = BundledTokenizer.Load();
        int[] plain = tokenizer.Encode("Romeo", addBos: false);
        Assert.Equal([BosId, .. plain], tokenizer.Encode("Romeo", addBos: true));
        Assert.Equal([BosId, .. plain], tokenizer.EncodeWithSpecialTokens("Romeo"));
        Assert.DoesNotContain(BosId, plain);
        Assert.Equal([BosId], tokenizer.EncodeWithSpecialTokens(""));
    }

    [Fact]
    public void A_spelled_out_special_token_is_one_in_a_prompt_and_none_in_a_document()
    {
        TextTokenizer tokenizer = BundledTokenizer.Load();
        Assert.Equal([.. tokenizer.EncodePlain("a"), EosId, .. tokenizer.EncodePlain("b")], tokenizer.Encode("a</s>b", addBos: false));
        Assert.DoesNotContain(EosId, tokenizer.EncodePlain("a</s>b"));
        Assert.Equal("a</s>b", tokenizer.Decode(tokenizer.EncodePlain("a</s>b")));
    }

    [Fact]
    public void Control_tokens_and_ids_above_the_vocabulary_have_no_text()
    {
        TextTokenizer tokenizer = BundledTokenizer.Load();
        Assert.Equal("Romeo", tokenizer.Decode([BosId, .. tokenizer.EncodePlain("Romeo"), EosId, 2048, 99_999]));
    }

    [Fact]
    public void A_lone_surrogate_counts_as_a_replacement_character()
    {
        TextTokenizer tokenizer = BundledTokenizer.Load();
        Assert.Equal(tokenizer.EncodePlain("a\uFFFDb"), tokenizer.EncodePlain("a\uD83Db"));
    }

    [Fact]
    public void A_directory_is_searched_for_the_known_names()
    {
        using var folder = new TemporaryFolder();
        Assert.Null(TextTokenizer.FindIn(folder.Path));
        File.Copy(BundledTokenizer.FilePath, folder.At("spiece.model"));
        Assert.Equal(folder.At("spiece.model"), TextTokenizer.FindIn(folder.Path)!.Path);
        Assert.Equal(BundledTokenizer.Load().Sha256, TextTokenizer.FindIn(folder.Path)!.Sha256);
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        UserError error = Assert.Throws<UserError>(() => TextTokenizer.Load("no/such/tokenizer.model"));
        Assert.Contains("no/such/tokenizer.model", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_cut_anywhere_is_refused_in_one_line()
    {
        byte[] whole = File.ReadAllBytes(BundledTokenizer.FilePath);
        using var folder = new TemporaryFolder();
        foreach (int length in new[] { 0, 1, 2, 100, 5_000, whole.Length / 2, whole.Length - 200 })
        {
            AssertRefused(folder.At($"cut-{length}.model"), whole[..length]);
        }
    }

    [Fact]
    public void A_file_of_another_kind_is_refused_in_one_line()
    {
        using var folder = new TemporaryFolder();
        AssertRefused(folder.At("json.model"), "{\"model\": {\"type\": \"BPE\"}}"u8.ToArray());
        AssertRefused(folder.At("zeros.model"), new byte[1000]);
        AssertRefused(folder.At("text.model"), System.Text.Encoding.UTF8.GetBytes(BundledTokenizer.Corpus[..5000]));
    }

    private static void AssertRefused(string path, byte[] content)
    {
        File.WriteAllBytes(path, content);
        UserError error = Assert.Throws<UserError>(() => TextTokenizer.Load(path));
        Assert.StartsWith($"{path}: expected a SentencePiece model", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }
}
