using System.Buffers.Binary;
using System.Text;
using Factory.Core.Text;

namespace Factory.Core.Tests.Text;

public class Llama2cTokenizerTests
{
    [Fact]
    public void Conversion_loses_nothing_of_the_file()
    {
        string file = GoldenData.At("stories260K", "tok512.bin");
        SentencePieceModel converted = SentencePieceModelReader.Parse(Llama2cTokenizer.ToSentencePieceModel(file), file);
        Assert.Equal(File.ReadAllBytes(file), AsLlama2c(converted));
    }

    [Fact]
    public void A_converted_tokenizer_gives_the_ids_of_the_original()
    {
        using var folder = new TemporaryFolder();
        // LLaMA 2's own pair of files is not part of the repository; elsewhere the original is the converted one, written and converted again.
        string model = GoldenData.Find("tokenizers", "llama2", "tokenizer.model") ?? Path.Combine(Directory.CreateDirectory(folder.At("first")).FullName, "tokenizer.model");
        string? binary = GoldenData.Find("tokenizers", "llama2", "tokenizer.bin");
        if (binary is null)
        {
            binary = GoldenData.At("stories260K", "tok512.bin");
            File.WriteAllBytes(model, Llama2cTokenizer.ToSentencePieceModel(binary));
        }
        TextTokenizer original = TextTokenizer.Load(model);
        TextTokenizer converted = Convert(binary, folder);
        Assert.Equal((original.VocabularySize, original.BosTokenId, original.EosTokenId), (converted.VocabularySize, converted.BosTokenId, converted.EosTokenId));
        foreach (string text in TextSamples.Nasty.Concat(TextSamples.Random(500, seed: 4)).Concat(BundledTokenizer.Corpus.Split('\n').Take(2000)))
        {
            int[] ids = original.Encode(text, addBos: true);
            Assert.Equal(ids, converted.Encode(text, addBos: true));
            Assert.Equal(original.Decode(ids), converted.Decode(ids));
        }
    }

    [Fact]
    public void The_tokenizer_of_stories260K_starts_a_story_as_llama2c_does()
    {
        using var folder = new TemporaryFolder();
        TextTokenizer tokenizer = Convert(GoldenData.At("stories260K", "tok512.bin"), folder);
        Assert.Equal(512, tokenizer.VocabularySize);
        Assert.Equal([1, 403, 407, 261, 378], tokenizer.Encode("Once upon a time", addBos: true));
        Assert.Equal("Once upon a time", tokenizer.Decode([1, 403, 407, 261, 378]));
    }

    [Theory]
    [InlineData(0, "at least 259 pieces")]
    [InlineData(3, "at least 259 pieces")]
    [InlineData(9, "a score and a length for piece 0")]
    [InlineData(14, "a length from 1 to")]
    [InlineData(500, "piece")]
    public void A_cut_file_is_refused(int length, string expected) => AssertRefused(Sound()[..length], expected);

    [Fact]
    public void Damaged_pieces_are_refused_by_number()
    {
        byte[] badLength = Sound();
        BinaryPrimitives.WriteInt32LittleEndian(badLength.AsSpan(8), -1);
        AssertRefused(badLength, "a length from 1 to 6 for piece 0");

        byte[] badBytes = Sound();
        badBytes[^1] = 0xFF;
        AssertRefused(badBytes, "UTF-8 in piece 259");

        byte[] otherLayout = Sound();
        otherLayout[12] = (byte)'#';
        AssertRefused(otherLayout, "piece 0 to be '<unk>'");
    }

    [Fact]
    public void A_missing_file_is_named() =>
        Assert.Contains("no/such.bin", Assert.Throws<UserError>(() => Llama2cTokenizer.ToSentencePieceModel("no/such.bin")).Message, StringComparison.Ordinal);

    /// <summary>The smallest file that is one: special tokens, bytes and one letter.</summary>
    private static byte[] Sound()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(6);
        foreach (string text in new[] { "<unk>", "<s>", "</s>" }.Concat(Enumerable.Range(0, 256).Select(value => $"<0x{value:X2}>")).Append("a"))
        {
            writer.Write(0f);
            writer.Write(text.Length);
            writer.Write(Encoding.ASCII.GetBytes(text));
        }
        writer.Flush();
        return stream.ToArray();
    }

    /// <summary>What llama2.c's exporter writes: the longest piece's length, then score, length and text of each, with plain spaces.</summary>
    private static byte[] AsLlama2c(SentencePieceModel model)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        byte[][] texts = [.. model.Pieces.Select((piece, id) => Encoding.UTF8.GetBytes(id switch
        {
            1 => "\n<s>\n",
            2 => "\n</s>\n",
            _ => piece.Text.Replace('▁', ' '),
        }))];
        writer.Write(texts.Max(text => text.Length));
        foreach ((Piece piece, byte[] text) in model.Pieces.Zip(texts))
        {
            writer.Write(piece.Score);
            writer.Write(text.Length);
            writer.Write(text);
        }
        writer.Flush();
        return stream.ToArray();
    }

    private static void AssertRefused(byte[] content, string expected)
    {
        using var folder = new TemporaryFolder();
        string path = folder.At("tok.bin");
        File.WriteAllBytes(path, content);
        UserError error = Assert.Throws<UserError>(() => Llama2cTokenizer.ToSentencePieceModel(path));
        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    private static TextTokenizer Convert(string path, TemporaryFolder folder)
    {
        string model = folder.At("tokenizer.model");
        File.WriteAllBytes(model, Llama2cTokenizer.ToSentencePieceModel(path));
        return TextTokenizer.Load(model);
    }
}
