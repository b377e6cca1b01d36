using Factory.Core;
using Factory.Core.Disk;
using Factory.Core.Text;
using Factory.Trainer.Tokens;

namespace Factory.Trainer.Tests.Tokens;

public sealed class TokenDatasetTests : IDisposable
{
    private readonly TokenFolder _folder = new();

    public TokenDatasetTests() => _folder.Run([_folder.Write("a.txt", string.Concat(Enumerable.Range(0, 500).Select(i => $"line {i}\n")))], fraction: 0.1);

    [Fact]
    public void Any_stretch_is_read_as_int_and_long()
    {
        (int[] all, _) = _folder.Read();
        using TokenDataset data = TokenDataset.Open(_folder.Output);
        var ints = new int[7];
        var longs = new long[7];
        foreach (long start in new[] { 0, 1, 250, data.Train.Count - 7 })
        {
            data.Train.Read(start, ints);
            data.Train.Read(start, longs);
            Assert.Equal(all.Skip((int)start).Take(7), ints);
            Assert.Equal(ints.Select(id => (long)id), longs);
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => data.Train.Read(data.Train.Count - 6, ints));
        Assert.Throws<ArgumentOutOfRangeException>(() => data.Train.Read(-1, longs));
    }

    [Fact]
    public void The_tokenizer_and_the_facts_come_along()
    {
        using TokenDataset data = TokenDataset.Open(_folder.Output);
        Assert.Equal(_folder.Tokenizer.Sha256, data.Tokenizer.Sha256);
        Assert.Equal(("uint16", "2048", _folder.Tokenizer.Sha256), (data.Manifest.Facts["dtype"], data.Manifest.Facts["vocabulary_size"], data.Manifest.Facts["tokenizer_sha256"]));
        Assert.Equal(2 * data.Train.Count, new FileInfo(Path.Combine(_folder.Output, "train.bin")).Length);
    }

    [Fact]
    public void A_vocabulary_above_16_bits_takes_32_bits_a_token()
    {
        string path = _folder.At("wide.bin");
        int[] ids = [0, 65_535, 65_536, 128_255];
        using (var file = new TokenFile(path, wide: true))
        {
            file.Add(ids);
        }
        using var split = new TokenSplit(path, "4", wide: true);
        var read = new int[4];
        split.Read(0, read);
        Assert.Equal(ids, read);
    }

    [Fact]
    public void An_empty_validation_split_can_be_opened()
    {
        _folder.Run([_folder.Write("b.txt", "b")], fraction: 0, overwrite: true);
        using TokenDataset data = TokenDataset.Open(_folder.Output);
        Assert.Equal(0, data.Validation.Count);
        data.Validation.Read(0, Span<int>.Empty);
    }

    [Theory]
    [InlineData("train.bin")]
    [InlineData("validation.bin")]
    [InlineData("tokenizer.model")]
    public void A_changed_or_missing_file_is_refused_by_name(string name)
    {
        string path = Path.Combine(_folder.Output, name);
        byte[] bytes = File.ReadAllBytes(path);
        bytes[^1] ^= 1;
        File.WriteAllBytes(path, bytes);
        AssertRefused(name, "SHA-256");
        File.WriteAllBytes(path, bytes[..^1]);
        AssertRefused(name, "bytes as in the manifest");
        File.Delete(path);
        AssertRefused(name, "found none");
    }

    [Fact]
    public void A_token_count_that_is_not_the_files_is_refused()
    {
        string path = Path.Combine(_folder.Output, Manifest.FileName);
        File.WriteAllText(path, File.ReadAllText(path).Replace("\"train_tokens\": \"", "\"train_tokens\": \"1", StringComparison.Ordinal));
        AssertRefused("train.bin", "tokens of 2 bytes");
    }

    public void Dispose() => _folder.Dispose();

    private void AssertRefused(params string[] expected)
    {
        string message = Assert.ThrowsAny<UserError>(() => TokenDataset.Open(_folder.Output)).Message;
        Assert.All(expected, part => Assert.Contains(part, message, StringComparison.Ordinal));
    }
}
