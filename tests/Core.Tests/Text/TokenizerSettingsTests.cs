using Factory.Core.Text;

namespace Factory.Core.Tests.Text;

/// <summary>What lies beside a tokenizer and changes its tokens is honoured or refused by name.</summary>
public sealed class TokenizerSettingsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public TokenizerSettingsTests() => File.Copy(BundledTokenizer.FilePath, _folder.At("tokenizer.model"));

    private TextTokenizer Tokenizer => TextTokenizer.FindIn(_folder.Path)!;

    [Theory]
    [InlineData("added_tokens.json", """{"<|im_start|>": 2048, "<|im_end|>": 2049}""")]
    [InlineData("tokenizer_config.json", """{"added_tokens_decoder": {"2048": {"content": "<|im_start|>", "special": true}, "2049": {"content": "<|im_end|>", "special": true}}}""")]
    [InlineData("tokenizer_config.json", """{"additional_special_tokens": ["<|im_start|>", {"content": "<|im_end|>"}]}""")]
    [InlineData("special_tokens_map.json", """{"additional_special_tokens": ["<|im_start|>", "<|im_end|>"]}""")]
    [InlineData("tokenizer.json", """{"added_tokens": [{"id": 2048, "content": "<|im_start|>", "special": true}, {"id": 2049, "content": "<|im_end|>", "special": true}]}""")]
    public void Added_tokens_are_tokens(string file, string content)
    {
        File.WriteAllText(_folder.At(file), content);
        TextTokenizer tokenizer = Tokenizer;
        Assert.Equal(2050, tokenizer.VocabularySize);
        Assert.Equal([2048, .. tokenizer.EncodePlain("user", continues: true), 2049], tokenizer.Encode("<|im_start|>user<|im_end|>", addBos: false));
        Assert.Equal(file == "added_tokens.json" ? "<|im_start|>user" : "user", tokenizer.Decode([2048, .. tokenizer.EncodePlain("user", continues: true)]));
    }

    [Theory]
    [InlineData("""{"add_bos_token": false}""", new int[0], new int[0])]
    [InlineData("""{"add_bos_token": false, "add_eos_token": true}""", new int[0], new[] { 2 })]
    [InlineData("""{"add_eos_token": true}""", new[] { 1 }, new[] { 2 })]
    [InlineData("""{"clean_up_tokenization_spaces": false}""", new[] { 1 }, new int[0])]
    [InlineData("""{"bos_token": "</s>"}""", new[] { 2 }, new int[0])]
    public void What_is_put_around_a_text_is_what_the_configuration_says(string config, int[] before, int[] after)
    {
        File.WriteAllText(_folder.At("tokenizer_config.json"), config);
        int[] plain = [.. Tokenizer.EncodePlain("To be")];
        Assert.Equal([.. before, .. plain, .. after], Tokenizer.EncodeWithSpecialTokens("To be"));
        Assert.Equal([.. before, .. plain], Tokenizer.Encode("To be", addBos: true));
    }

    [Fact]
    public void A_tokenizer_json_without_post_processor_puts_nothing_in_front()
    {
        File.WriteAllText(_folder.At("tokenizer.json"), """{"added_tokens": [], "post_processor": null}""");
        Assert.Equal(Tokenizer.EncodePlain("To be"), Tokenizer.EncodeWithSpecialTokens("To be"));
    }

    [Fact]
    public void The_end_of_a_text_is_the_token_that_the_configuration_names()
    {
        File.WriteAllText(_folder.At("added_tokens.json"), """{"<|im_end|>": 2048}""");
        File.WriteAllText(_folder.At("special_tokens_map.json"), """{"eos_token": {"content": "<|im_end|>", "lstrip": false}}""");
        Assert.Equal(2048, Tokenizer.EosTokenId);
        Assert.Equal("<|im_end|>", Tokenizer.SpecialTokenTexts["eos_token"]);
    }

    [Fact]
    public void White_space_and_words_around_an_added_token_go_by_its_flags()
    {
        File.WriteAllText(_folder.At("tokenizer_config.json"), """
            {"added_tokens_decoder": {"2048": {"content": "<m>", "lstrip": true, "rstrip": true}, "2049": {"content": "xx", "single_word": true}}}
            """);
        int[] a = [.. Tokenizer.EncodePlain("a")];
        int[] b = [.. Tokenizer.EncodePlain("b", continues: true)];
        Assert.Equal([.. a, 2048, .. b], Tokenizer.Encode("a <m> b", addBos: false));
        Assert.DoesNotContain(2049, Tokenizer.Encode("axx", addBos: false));
        Assert.Contains(2049, Tokenizer.Encode("a xx!", addBos: false));
    }

    [Fact]
    public void Special_tokens_are_text_where_they_are_not_parsed_and_bos_is_never_doubled()
    {
        TextTokenizer tokenizer = Tokenizer;
        int[] text = tokenizer.Encode("<s>a</s>", addBos: true, parseSpecial: false);
        Assert.Equal([1, .. tokenizer.EncodePlain("<s>a</s>")], text);
        Assert.Equal("<s>a</s>", tokenizer.Decode(text));
        Assert.Single(tokenizer.Encode("<s>a", addBos: true), id => id == 1);
    }

    [Theory]
    [InlineData("""{"split_special_tokens": true}""", "split_special_tokens")]
    [InlineData("""{"sp_model_kwargs": {"enable_sampling": true}}""", "sp_model_kwargs")]
    [InlineData("""{"auto_map": {"AutoTokenizer": ["tokenization_own.OwnTokenizer", null]}}""", "auto_map")]
    [InlineData("""{"add_bos_token": "yes"}""", "add_bos_token")]
    [InlineData("""{"added_tokens_decoder": {"x": {"content": "<m>"}}}""", "x")]
    [InlineData("""{"added_tokens_decoder": {"2048": {"content": "<s>"}}}""", "<s>")]
    [InlineData("""{"eos_token": 3}""", "eos_token")]
    [InlineData("[]", "a JSON object")]
    [InlineData("""{"a": 1, "a": 2}""", "distinct keys")]
    public void What_cannot_be_honoured_is_refused_by_name(string config, string expected)
    {
        File.WriteAllText(_folder.At("tokenizer_config.json"), config);
        UserError error = Assert.Throws<UserError>(() => Tokenizer);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Theory]
    [InlineData("""{"model": {"type": "WordPiece", "vocab": {}}}""", "WordPiece")]
    [InlineData("""{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": ["a b"]}}""", "merges[0]")]
    [InlineData("""{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": []}, "normalizer": {"type": "Nmt"}}""", "Nmt")]
    [InlineData("""{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": []}, "pre_tokenizer": {"type": "UnicodeScripts"}}""", "UnicodeScripts")]
    [InlineData("""{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": []}, "pre_tokenizer": {"type": "Split", "pattern": {"Regex": "\\p{Han}+"}, "behavior": "Isolated"}}""", "Han")]
    [InlineData("""{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": []}, "decoder": {"type": "CTC"}}""", "CTC")]
    [InlineData("""{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": [], "dropout": 0.1}}""", "dropout")]
    public void A_tokenizer_json_of_another_kind_is_refused_by_name(string content, string expected)
    {
        File.Delete(_folder.At("tokenizer.model"));
        File.WriteAllText(_folder.At("tokenizer.json"), content);
        Assert.Contains(expected, Assert.Throws<UserError>(() => Tokenizer).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tiktoken_vocabulary_is_named_and_gives_way_to_a_tokenizer_json()
    {
        File.WriteAllText(_folder.At("tokenizer.model"), "IQ== 0\nIg== 1\nIw== 2\n");
        Assert.Contains("tiktoken", Assert.Throws<UserError>(() => TextTokenizer.Load(_folder.At("tokenizer.model"))).Message, StringComparison.Ordinal);
        Assert.Null(TextTokenizer.FindIn(_folder.Path));
        File.Copy(GoldenData.At("tokenizer_golden", "hugging_face", "llama3", "tokenizer.json"), _folder.At("tokenizer.json"));
        Assert.Equal("tokenizer.json", Path.GetFileName(Tokenizer.Path));
    }

    [Fact]
    public void A_copy_takes_along_what_lies_beside_and_is_writable_and_the_same_tokenizer()
    {
        File.WriteAllText(_folder.At("added_tokens.json"), """{"<|im_start|>": 2048}""");
        File.WriteAllText(_folder.At("chat_template.jinja"), "{{ messages }}");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(_folder.At("tokenizer.model"), UnixFileMode.UserRead);
        }
        using var copy = new TemporaryFolder();
        TokenizerFiles.Copy(Tokenizer.Path, copy.Path);
        File.AppendAllText(copy.At("tokenizer.model"), "");
        TextTokenizer copied = TextTokenizer.FindIn(copy.Path)!;
        Assert.Equal(Tokenizer.Sha256, copied.Sha256);
        Assert.Equal(2049, copied.VocabularySize);
        Assert.Equal("{{ messages }}", copied.ChatTemplate);
    }

    public void Dispose() => _folder.Dispose();
}
