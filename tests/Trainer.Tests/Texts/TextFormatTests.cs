using System.IO.Compression;
using System.Text;
using Factory.Core;
using Factory.Trainer.Tests.Tokens;
using Factory.Trainer.Texts;
using Factory.Trainer.Tokens;
using Parquet;
using Parquet.Schema;

namespace Factory.Trainer.Tests.Texts;

public sealed class TextFormatTests : IDisposable
{
    private static readonly string[] Texts = ["one", "two \"quoted\"\n</s> literal", "drei ü 🤗"];

    private readonly TokenFolder _folder = new();

    [Theory]
    [InlineData("a.jsonl")]
    [InlineData("a.ndjson.zst")]
    [InlineData("a.jsonl.gz")]
    [InlineData("a.json")]
    [InlineData("a.JSON.GZ")]
    public void Objects_line_by_line(string name) => AssertTexts(_folder.Write(name, string.Concat(Texts.Select(text => Json(text) + "\n"))));

    [Theory]
    [InlineData("a.json")]
    [InlineData("a.json.gz")]
    [InlineData("a.json.zst")]
    public void Objects_in_one_array(string name) => AssertTexts(_folder.Write(name, $"\uFEFF\n [\n{string.Join(",\n ", Texts.Select(Json))}]\n"));

    [Fact]
    public void Texts_in_one_array() => AssertTexts(_folder.Write("a.json", $"[{string.Join(',', Texts.Select(text => System.Text.Json.JsonSerializer.Serialize(text)))}]"));

    [Fact]
    public async Task Rows_of_a_parquet_file_whatever_other_columns_it_has()
    {
        var text = new DataField<string>("text");
        var number = new DataField<long>("number");
        await using (FileStream file = File.Create(_folder.At("a.parquet")))
        await using (ParquetWriter writer = await ParquetWriter.CreateAsync(new ParquetSchema(number, text), file, cancellationToken: TestContext.Current.CancellationToken))
        {
            foreach (string?[] rows in new string?[][] { ["one", Texts[1]], [Texts[2], null] })
            {
                using ParquetRowGroupWriter group = writer.CreateRowGroup();
                await group.WriteAsync<long>(number, new long[] { 1, 2 }, cancellationToken: TestContext.Current.CancellationToken);
                await group.WriteAsync(text, rows!);
                group.CompleteValidate();
            }
        }
        Assert.Equal(1, AssertTexts(_folder.At("a.parquet")).EmptyDocuments);
        Assert.Contains("found 'number', 'text'", Refusal(_folder.At("a.parquet"), "body"), StringComparison.Ordinal);
        Assert.Contains("found Int64", Refusal(_folder.At("a.parquet"), "number"), StringComparison.Ordinal);
        await File.WriteAllBytesAsync(_folder.At("cut.parquet"), (await File.ReadAllBytesAsync(_folder.At("a.parquet"), TestContext.Current.CancellationToken))[..^9], TestContext.Current.CancellationToken);
        Assert.Contains("expected a parquet file", Refusal(_folder.At("cut.parquet")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\none\n<|endoftext|>\ntwo\n\nlines\n<|endoftext|>\n<|endoftext|>three<|endoftext|>\n", "<|endoftext|>", new[] { "one", "two\n\nlines", "three" }, 1)]
    [InlineData("one\r\n<|endoftext|>\r\ntwo", "<|endoftext|>", new[] { "one", "two" }, 0)]
    [InlineData("one\n\ntwo\nlines\n\nthree", "\n\n", new[] { "one", "two\nlines", "three" }, 0)]
    [InlineData("only one\n", "<|endoftext|>", new[] { "only one" }, 0)]
    public void Documents_between_separators(string content, string separator, string[] expected, int empty)
    {
        TokenizeReport report = _folder.Run([_folder.Write("a.txt", content)], Options(separator));
        Assert.Equal(expected.SelectMany(_folder.Document), _folder.Read().Train);
        Assert.Equal((expected.Length, empty), (report.TrainDocuments, report.EmptyDocuments));
    }

    [Fact]
    public void Documents_longer_than_a_section_and_separators_across_its_border()
    {
        // A section ends after 2^20 characters; separators stand all around that border.
        string[] texts = [.. Enumerable.Range(0, 40).Select(i => $"{i}: {string.Concat(Enumerable.Repeat("to be\n", 9000 + i))}or not")];
        _folder.Run([_folder.Write("a.txt", string.Join("\n<|endoftext|>\n", texts))], Options("<|endoftext|>"));
        Assert.Equal(texts.SelectMany(_folder.Document), _folder.Read().Train);
        foreach (int before in Enumerable.Range((1 << 20) - 16, 18))
        {
            string first = string.Concat(Enumerable.Repeat("word \n", before / 6)) + new string('x', before % 6);
            _folder.Run([_folder.Write("b.txt", $"{first}<|endoftext|>second")], Options("<|endoftext|>"));
            Assert.Equal(_folder.Document("second"), _folder.Read().Train[^_folder.Document("second").Length..]);
        }
    }

    [Fact]
    public void A_separator_that_nobody_named_is_pointed_out()
    {
        _folder.Run([_folder.Write("a.txt", "one\n<|endoftext|>\ntwo")]);
        Assert.Contains("--document-separator '<|endoftext|>'", Assert.Single(_folder.Log), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a.jsonl.gz")]
    [InlineData("a.jsonl.zst")]
    public void A_compressed_file_that_was_cut_off_is_noticed_even_at_a_line_end(string name)
    {
        var random = new Random(1);
        string lines = string.Concat(Enumerable.Range(0, 3000).Select(_ => $"{{\"text\": \"{random.NextInt64():x}\"}}\n"));
        byte[] whole = File.ReadAllBytes(_folder.Write(name, lines));
        foreach (int cut in new[] { 1, 4, 8, 9, 100, whole.Length / 2 })
        {
            File.WriteAllBytes(_folder.At(name), whole[..^cut]);
            Assert.Contains("cut off or damaged", Refusal(_folder.At(name)), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_changed_byte_of_a_gzip_file_is_noticed()
    {
        byte[] whole = File.ReadAllBytes(_folder.Write("a.jsonl.gz", string.Concat(Enumerable.Range(0, 500).Select(i => $"{{\"text\": \"{i * 7919}\"}}\n"))));
        for (int at = 10; at < whole.Length - 4; at += 53)
        {
            byte[] changed = [.. whole];
            changed[at] ^= 4;
            File.WriteAllBytes(_folder.At("b.jsonl.gz"), changed);
            Assert.StartsWith(_folder.At("b.jsonl.gz"), Refusal(_folder.At("b.jsonl.gz")), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_gzip_file_whose_parts_were_joined_is_read_to_its_end()
    {
        // As pigz and "cat a.gz b.gz" make them.
        byte[] first = File.ReadAllBytes(_folder.Write("a.jsonl.gz", Json(Texts[0]) + "\n"));
        byte[] second = File.ReadAllBytes(_folder.Write("b.jsonl.gz", Json(Texts[1]) + "\n" + Json(Texts[2]) + "\n"));
        File.WriteAllBytes(_folder.At("c.jsonl.gz"), [.. first, .. second]);
        AssertTexts(_folder.At("c.jsonl.gz"));
        File.WriteAllBytes(_folder.At("c.jsonl.gz"), [.. first, .. second[..^10]]);
        Assert.Contains("cut off or damaged", Refusal(_folder.At("c.jsonl.gz")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a.txt", "EFBBBF61E962")]
    [InlineData("a.txt", "FFFE61003DD80A00")]
    [InlineData("a.jsonl", "EFBBBF7B2274657874223A2022E9227D")]
    [InlineData("a.json", "EFBBBF5B22E9225D")]
    public void A_byte_order_mark_does_not_make_reading_lenient(string name, string hex)
    {
        File.WriteAllBytes(_folder.At(name), Convert.FromHexString(hex));
        Assert.Contains(_folder.At(name), Refusal(_folder.At(name)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[{\"text\": \"a\"}, 3]", "element 2: expected a JSON object")]
    [InlineData("[{\"text\": \"a\"}, {\"txt\": \"b\"}]", "element 2: expected the field 'text', found only 'txt'")]
    [InlineData("[{\"text\": \"a\"}, {\"text\": null}]", "element 2: text: expected a string, found Null")]
    [InlineData("[{\"text\": \"a\"}, {\"text\":", "element")]
    [InlineData("[", "element 1")]
    [InlineData("[\"\\ud800\"]", "element 1")]
    public void A_bad_array_is_named_with_its_place(string content, string expected) =>
        Assert.Contains(expected, Refusal(_folder.Write("a.json", content)), StringComparison.Ordinal);

    public void Dispose() => _folder.Dispose();

    private TokenizeReport AssertTexts(string path)
    {
        TokenizeReport report = _folder.Run([path]);
        Assert.Equal(Texts.SelectMany(_folder.Document), _folder.Read().Train);
        return report;
    }

    private string Refusal(string path, string field = "text")
    {
        string message = Assert.ThrowsAny<UserError>(() => _folder.Run([path], field: field, overwrite: true)).Message;
        Assert.DoesNotContain('\n', message);
        return message;
    }

    private TokenizeOptions Options(string separator) =>
        new() { Output = _folder.Output, ValidationFraction = 0, Overwrite = true, Text = new TextOptions { Separator = separator } };

    private static string Json(string text) => System.Text.Json.JsonSerializer.Serialize(new Dictionary<string, string> { ["url"] = "x", ["text"] = text });
}
