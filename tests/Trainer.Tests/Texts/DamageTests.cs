using CsCheck;
using Factory.Core;
using Factory.Trainer.Tests.Tokens;
using Factory.Trainer.Texts;
using Factory.Trainer.Tokens;
using Parquet;
using Parquet.Schema;

namespace Factory.Trainer.Tests.Texts;

/// <summary>Text files and token directories cut off or with changed bytes: a line for people, or what can be read, never another exception.</summary>
public sealed class DamageTests : IDisposable
{
    private readonly TokenFolder _folder = new();

    [Theory]
    [InlineData("a.jsonl", 500)]
    [InlineData("a.json", 500)]
    [InlineData("a.txt", 300)]
    [InlineData("a.jsonl.gz", 500)]
    [InlineData("a.jsonl.zst", 500)]
    [InlineData("a.parquet", 300)]
    public async Task A_damaged_text_file_is_refused_or_read(string name, int rounds)
    {
        string[] texts = [.. Enumerable.Range(0, 20).Select(i => $"document {i} ü 🤗 \\u00e9")];
        if (name.EndsWith(".parquet", StringComparison.Ordinal))
        {
            var text = new DataField<string>("text");
            await using FileStream file = File.Create(_folder.At(name));
            await using ParquetWriter writer = await ParquetWriter.CreateAsync(new ParquetSchema(text), file, cancellationToken: TestContext.Current.CancellationToken);
            using ParquetRowGroupWriter group = writer.CreateRowGroup();
            await group.WriteAsync(text, texts);
        }
        else
        {
            IEnumerable<string> objects = texts.Select(text => $"{{\"text\": \"{text}\", \"url\": [1, {{}}]}}");
            _folder.Write(name, name.EndsWith(".json", StringComparison.Ordinal) ? $"[{string.Join(',', objects)}]" : string.Join('\n', objects));
        }
        string path = _folder.At($"damaged-{name}");
        IReadOnlyList<InputSource> sources = [new InputSource(path, 1, [path])];
        // Parquet.Net can look for ever for the values of a page whose bytes were changed; files that were cut off are what happens.
        Check(await File.ReadAllBytesAsync(_folder.At(name), TestContext.Current.CancellationToken), path, rounds, name.EndsWith(".parquet", StringComparison.Ordinal) ? 0 : 4, () =>
        {
            foreach ((_, TextSection section) in new TextFiles(sources, new TextOptions(), _ => { }).Sections())
            {
                Assert.NotNull(section.Text);
            }
        });
    }

    [Theory]
    [InlineData("manifest.json")]
    [InlineData("train.bin")]
    [InlineData("tokenizer.model")]
    public void A_damaged_token_directory_is_refused_or_read(string name)
    {
        _folder.Run([_folder.Write("a.txt", string.Concat(Enumerable.Repeat("to be or not to be\n", 20)))], fraction: 0.1);
        string path = Path.Combine(_folder.Output, name);
        Check(File.ReadAllBytes(path), path, name == "tokenizer.model" ? 100 : 500, 4, () =>
        {
            using TokenDataset data = TokenDataset.Open(_folder.Output);
            data.Train.Read(0, new int[data.Train.Count]);
        });
    }

    public void Dispose() => _folder.Dispose();

    private static void Check(byte[] whole, string path, int rounds, int mostChanges, Action read)
    {
        Gen<byte[]> damaged = Gen.Select(Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Byte).Array[0, mostChanges], Gen.Int[0, whole.Length], Gen.Bool, (changes, cut, isCut) =>
        {
            byte[] bytes = [.. whole];
            foreach ((int place, byte value) in changes)
            {
                bytes[place] = value;
            }
            return isCut ? bytes[..cut] : bytes;
        });
        damaged.Sample(
            bytes =>
            {
                File.WriteAllBytes(path, bytes);
                try
                {
                    read();
                }
                catch (UserError error)
                {
                    Assert.DoesNotContain('\n', error.Message);
                }
            },
            iter: rounds,
            threads: 1,
            print: Convert.ToBase64String);
    }
}
