using Factory.Core.Text;

namespace Factory.Core.Tests.Text;

public class IncrementalDecoderTests
{
    [Fact]
    public void The_deliveries_joined_are_the_decoded_text()
    {
        TextTokenizer tokenizer = BundledTokenizer.Load();
        foreach (string text in TextSamples.Nasty.Concat(TextSamples.Random(300, seed: 2)))
        {
            AssertSame(tokenizer, [.. tokenizer.EncodePlain(text)]);
        }
    }

    [Theory]
    [InlineData("shakespeare")]
    [InlineData("t5")]
    public void The_deliveries_of_random_ids_joined_are_their_text(string model)
    {
        TextTokenizer tokenizer = model == "t5" ? TextTokenizer.Load(GoldenData.At("tokenizers", "t5", "spiece.model")) : BundledTokenizer.Load();
        var random = new Random(3);
        for (int i = 0; i < 300; i++)
        {
            // Small ids are special tokens and bytes: half of all, so that broken characters are frequent.
            AssertSame(tokenizer, [.. Enumerable.Range(0, 12).Select(_ => random.Next(random.Next(2) == 0 ? 260 : tokenizer.VocabularySize))]);
        }
    }

    [Fact]
    public void An_emoji_is_delivered_with_its_last_byte()
    {
        TextTokenizer tokenizer = BundledTokenizer.Load();
        var decoder = new IncrementalDecoder(tokenizer);
        string[] deliveries = [.. tokenizer.EncodePlain("🤗").Select(decoder.Append)];
        Assert.Equal(["", "", "", "🤗"], deliveries);
        Assert.Equal("", decoder.Flush());
    }

    [Fact]
    public void Bytes_that_never_become_a_character_are_replaced_one_by_one()
    {
        TextTokenizer tokenizer = BundledTokenizer.Load();
        int[] emoji = [.. tokenizer.EncodePlain("🤗")];
        var decoder = new IncrementalDecoder(tokenizer);
        Assert.Equal("", decoder.Append(emoji[0]) + decoder.Append(emoji[1]));
        Assert.Equal("\uFFFD\uFFFDa", decoder.Append(tokenizer.EncodePlain("a")[0]));
        Assert.Equal("", decoder.Append(emoji[0]));
        Assert.Equal("\uFFFD", decoder.Flush());
    }

    [Fact]
    public void Text_that_continues_a_prompt_keeps_the_space_in_front()
    {
        TextTokenizer tokenizer = BundledTokenizer.Load();
        int[] whole = tokenizer.Encode("Once upon a time", addBos: true);
        for (int cut = 0; cut <= whole.Length; cut++)
        {
            IncrementalDecoder decoder = IncrementalDecoder.After(tokenizer, whole[..cut]);
            Assert.Equal("Once upon a time", tokenizer.Decode(whole[..cut]) + string.Concat(whole[cut..].Select(decoder.Append)) + decoder.Flush());
        }
    }

    [Fact]
    public void Only_one_space_in_front_is_taken_off()
    {
        TextTokenizer tokenizer = BundledTokenizer.Load();
        foreach (string text in new[] { "a", " a", "  a", "   ", "\n a" })
        {
            Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text, addBos: true)));
        }
    }

    private static void AssertSame(TextTokenizer tokenizer, int[] ids)
    {
        var decoder = new IncrementalDecoder(tokenizer);
        var text = new System.Text.StringBuilder();
        foreach (int id in ids)
        {
            string delivered = decoder.Append(id);
            Assert.False(delivered.Length > 0 && char.IsHighSurrogate(delivered[^1]));
            text.Append(delivered);
        }
        Assert.Equal(tokenizer.Decode(ids), text.Append(decoder.Flush()).ToString());
    }
}
