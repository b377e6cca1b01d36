using Factory.Core;
using Factory.Trainer.Tokens;

namespace Factory.Trainer.Tests.Tokens;

public sealed class TokenizationRefusalTests : IDisposable
{
    private readonly TokenFolder _folder = new();

    [Theory]
    [InlineData("{\"text\": \"a\"}\n{\"text\": ", "line 2: expected one JSON object")]
    [InlineData("{\"text\": \"a\"}\n\n[1]\n", "line 3: expected a JSON object")]
    [InlineData("{\"body\": \"a\", \"url\": 1}\n", "line 1: expected the field 'text', found only 'body', 'url'")]
    [InlineData("{}\n", "an empty object")]
    [InlineData("{\"text\": 3}\n", "line 1: text: expected a string, found Number")]
    [InlineData("{\"text\": \"\\ud800\"}\n", "line 1: expected one JSON object")]
    public void A_bad_line_is_named(string content, string expected) => AssertRefused([_folder.Write("a.jsonl", content)], _folder.At("a.jsonl"), expected);

    [Fact]
    public void A_file_that_is_not_utf8_is_named()
    {
        File.WriteAllBytes(_folder.At("a.txt"), [(byte)'a', 0xFF, (byte)'b']);
        AssertRefused([_folder.At("a.txt")], _folder.At("a.txt"), "UTF-8", "FF");
        File.WriteAllBytes(_folder.At("a.jsonl"), [.. "{\"text\": \"a\"}\n{\"text\": \""u8, 0xC3, 0x28, .. "\"}"u8]);
        AssertRefused([_folder.At("a.jsonl")], _folder.At("a.jsonl"), "UTF-8");
    }

    [Fact]
    public void A_damaged_gzip_file_is_named()
    {
        File.WriteAllText(_folder.At("a.jsonl.gz"), "not compressed at all");
        AssertRefused([_folder.At("a.jsonl.gz")], _folder.At("a.jsonl.gz"), "cut off or damaged");
    }

    [Fact]
    public void Inputs_that_hold_no_text_are_refused()
    {
        Directory.CreateDirectory(_folder.At("none"));
        AssertRefused([_folder.At("nowhere")], "input: ", _folder.At("nowhere"));
        AssertRefused([_folder.At("none")], "input: ", ".jsonl");
        AssertRefused([_folder.Write("a.csv", "x")], "input: ", "a.csv");
        AssertRefused([_folder.Write("a.txt", "")], "documents with text");
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(0.6)]
    [InlineData(double.NaN)]
    public void A_validation_fraction_out_of_range_is_refused(double fraction)
    {
        string path = _folder.Write("a.txt", "a");
        Assert.StartsWith("validation_fraction: ", Assert.ThrowsAny<UserError>(() => _folder.Run([path], fraction)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tokens_are_replaced_only_when_asked_and_nothing_else_ever_is()
    {
        string first = _folder.Write("a.txt", "a");
        string second = _folder.Write("b.txt", "b");
        _folder.Run([first]);
        Assert.Contains("--overwrite", Assert.ThrowsAny<UserError>(() => _folder.Run([second])).Message, StringComparison.Ordinal);
        Assert.Equal(_folder.Document("a"), _folder.Read().Train);
        _folder.Run([second], overwrite: true);
        Assert.Equal(_folder.Document("b"), _folder.Read().Train);

        Directory.Delete(_folder.Output, recursive: true);
        Directory.CreateDirectory(_folder.Output);
        File.WriteAllText(Path.Combine(_folder.Output, "thesis.txt"), "mine");
        Assert.ThrowsAny<UserError>(() => _folder.Run([second], overwrite: true));
        Assert.Equal("mine", File.ReadAllText(Path.Combine(_folder.Output, "thesis.txt")));
    }

    [Fact]
    public void A_failure_leaves_the_old_tokens_whole()
    {
        _folder.Run([_folder.Write("a.txt", "a")]);
        string bad = _folder.Write("bad.jsonl", "{\"text\": \"x\"}\n{");
        Assert.ThrowsAny<UserError>(() => _folder.Run([bad], overwrite: true));
        Assert.Equal(_folder.Document("a"), _folder.Read().Train);
        Assert.False(Directory.Exists(_folder.Output + ".writing"));
    }

    public void Dispose() => _folder.Dispose();

    private void AssertRefused(string[] inputs, params string[] expected)
    {
        string message = Assert.ThrowsAny<UserError>(() => _folder.Run(inputs)).Message;
        Assert.All(expected, part => Assert.Contains(part, message, StringComparison.Ordinal));
        Assert.DoesNotContain('\n', message);
        Assert.False(Directory.Exists(_folder.Output));
    }
}
