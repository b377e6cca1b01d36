using Factory.Core;
using Factory.Trainer.Tokens;

namespace Factory.Trainer.Tests.Tokens;

public sealed class TokenizationTests : IDisposable
{
    private readonly TokenFolder _folder = new();

    [Fact]
    public void A_text_file_is_one_document_between_bos_and_eos()
    {
        _folder.Run([_folder.Write("a.txt", "ROMEO:\nBut soft!\n\nWhat light")]);
        Assert.Equal(_folder.Document("ROMEO:\nBut soft!\n\nWhat light"), _folder.Read().Train);
    }

    [Fact]
    public void Another_field_can_hold_the_text()
    {
        _folder.Run([_folder.Write("a.jsonl", """{"text": "no", "body": "yes"}""")], field: "body");
        Assert.Equal(_folder.Document("yes"), _folder.Read().Train);
    }

    [Fact]
    public void Files_of_a_directory_come_by_name_and_arguments_in_their_order()
    {
        string last = _folder.Write("0.txt", "last");
        _folder.Write("in/b.txt", "b");
        _folder.Write("in/sub/c.jsonl", """{"text": "c"}""");
        _folder.Write("in/a.txt", "a");
        _folder.Write("in/README.md", "not read");
        _folder.Run([_folder.At("in"), last]);
        Assert.Equal(new[] { "a", "b", "c", "last" }.SelectMany(_folder.Document), _folder.Read().Train);
    }

    [Fact]
    public void A_text_file_longer_than_a_section_has_the_tokens_of_the_whole_text()
    {
        string text = string.Concat(Enumerable.Range(0, 70_000).Select(i => $"  Line {i}: to be, or not\r\n\n"))[..^3];
        Assert.True(text.Length > 1 << 20);
        _folder.Run([_folder.Write("long.txt", text)]);
        Assert.Equal(_folder.Document(text), _folder.Read().Train);
    }

    [Fact]
    public void A_long_text_without_line_ends_stays_whole()
    {
        string text = string.Concat(Enumerable.Repeat("to be ", 200_000));
        _folder.Run([_folder.Write("long.txt", text)]);
        Assert.Equal(_folder.Document(text), _folder.Read().Train);
    }

    [Fact]
    public void Documents_without_text_are_left_out_and_counted()
    {
        TokenizeReport report = _folder.Run([_folder.Write("a.jsonl", "{\"text\": \"\"}\n{\"text\": \"a\"}\n"), _folder.Write("empty.txt", "")]);
        Assert.Equal((1, 2), (report.TrainDocuments, report.EmptyDocuments));
        Assert.Equal(_folder.Document("a"), _folder.Read().Train);
    }

    [Fact]
    public void The_end_of_a_single_document_is_held_out()
    {
        string text = string.Concat(Enumerable.Range(0, 1000).Select(i => $"line {i}\n"));
        TokenizeReport report = _folder.Run([_folder.Write("a.txt", text)], fraction: 0.1);
        (int[] train, int[] validation) = _folder.Read();
        Assert.Equal(_folder.Document(text), train.Concat(validation));
        Assert.Equal((train.Length + validation.Length) / 10, validation.Length);
        Assert.Equal((train.Length, validation.Length), (report.TrainTokens, report.ValidationTokens));
    }

    [Fact]
    public void Of_many_documents_about_the_fraction_is_held_out_and_none_is_lost()
    {
        string[] texts = [.. Enumerable.Range(0, 2000).Select(i => $"document {i}")];
        TokenizeReport report = _folder.Run([_folder.Write("a.jsonl", Lines(texts))], fraction: 0.1);
        (int[] train, int[] validation) = _folder.Read();
        Assert.InRange(report.ValidationDocuments, 150, 250);
        Assert.Equal(2000, report.TrainDocuments + report.ValidationDocuments);
        Assert.Equal(texts.SelectMany(_folder.Document).Order(), train.Concat(validation).Order());
    }

    [Fact]
    public void Where_a_document_falls_depends_on_its_text_alone()
    {
        string[] texts = [.. Enumerable.Range(0, 300).Select(i => $"document {i}")];
        _folder.Run([_folder.Write("a.jsonl", Lines(texts))], fraction: 0.2);
        int[] first = _folder.Read().Validation;
        // Two further documents in front, and every document twice.
        _folder.Run([_folder.Write("b.jsonl", Lines(["x", "document 0", .. texts.Skip(1).SelectMany(text => new[] { text, text })]))], fraction: 0.2, overwrite: true);
        int[] second = _folder.Read().Validation;
        Assert.Superset(Documents(first).ToHashSet(), Documents(second).ToHashSet());
        Assert.InRange(Documents(second).Count(), 2 * Documents(first).Count(), (2 * Documents(first).Count()) + 2);

        IEnumerable<string> Documents(int[] ids) => _folder.Tokenizer.Decode(ids.Select(id => id == 2 ? _folder.Tokenizer.EncodePlain("\n")[0] : id)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    public void Dispose() => _folder.Dispose();

    private static string Lines(IEnumerable<string> texts) => string.Concat(texts.Select(text => $"{{\"text\": \"{text}\"}}\n"));
}
