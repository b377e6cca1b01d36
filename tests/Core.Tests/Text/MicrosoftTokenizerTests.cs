using Factory.Core.Text;
using Microsoft.ML.Tokenizers;

namespace Factory.Core.Tests.Text;

/// <summary>Beside Microsoft.ML.Tokenizers' own SentencePiece tokenizer, and as one of its tokenizers.</summary>
public class MicrosoftTokenizerTests
{
    [Fact]
    public void The_corpus_has_the_same_ids_line_by_line()
    {
        TextTokenizer tokenizer = BundledTokenizer.Load();
        using FileStream file = File.OpenRead(BundledTokenizer.FilePath);
        SentencePieceTokenizer other = SentencePieceTokenizer.Create(file, addBeginningOfSentence: false, addEndOfSentence: false);
        foreach (string line in BundledTokenizer.Corpus.Split('\n'))
        {
            Assert.Equal(other.EncodeToIds(line), tokenizer.EncodePlain(line));
        }
    }

    [Fact]
    public void It_works_wherever_the_library_takes_a_tokenizer()
    {
        Tokenizer tokenizer = BundledTokenizer.Load();
        const string Text = "O Romeo, Romeo! wherefore art thou — Ω?";
        IReadOnlyList<EncodedToken> tokens = tokenizer.EncodeToTokens(Text, out string? normalized);
        IReadOnlyList<int> ids = tokenizer.EncodeToIds(Text);
        Assert.Equal(ids, tokens.Select(token => token.Id));
        Assert.Equal(ids.Count, tokenizer.CountTokens(Text));
        Assert.Equal(Text, tokenizer.Decode(ids));
        Assert.Equal(Text.Replace(' ', '▁'), normalized);
        Assert.Equal(normalized, string.Concat(tokens.Select(token => token.Offset).Distinct().Select(offset => normalized![offset])));
        Assert.All(tokens.Where(token => !token.Value.StartsWith("<0x", StringComparison.Ordinal)), token => Assert.Equal(token.Value, normalized![token.Offset]));
    }

    [Fact]
    public void A_text_can_be_cut_to_a_token_budget()
    {
        Tokenizer tokenizer = BundledTokenizer.Load();
        const string Text = "But soft, what light through yonder window breaks?";
        int length = tokenizer.GetIndexByTokenCount(Text, 5, out string? normalized, out int count);
        Assert.Equal(5, count);
        Assert.Equal(tokenizer.EncodeToIds(Text).Take(5), tokenizer.EncodeToIds((normalized ?? Text)[..length].Replace('▁', ' ')));
    }

    [Fact]
    public void Decoding_into_a_buffer_says_how_far_it_came()
    {
        Tokenizer tokenizer = BundledTokenizer.Load();
        IReadOnlyList<int> ids = tokenizer.EncodeToIds("wherefore art thou");
        var room = new char[64];
        Assert.Equal(System.Buffers.OperationStatus.Done, tokenizer.Decode(ids, room, out int consumed, out int written));
        Assert.Equal((ids.Count, "wherefore art thou"), (consumed, new string(room, 0, written)));
        Assert.Equal(System.Buffers.OperationStatus.DestinationTooSmall, tokenizer.Decode(ids, room.AsSpan(0, 4), out consumed, out written));
        Assert.InRange(written, 0, 4);
        Assert.InRange(consumed, 0, ids.Count - 1);
    }
}
