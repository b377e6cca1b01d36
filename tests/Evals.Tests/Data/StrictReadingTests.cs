using Factory.Core;
using Factory.Evals.Data;

namespace Factory.Evals.Tests.Data;

/// <summary>Malformed data is one line that names file and line; missing data names the file that was expected.</summary>
public sealed class StrictReadingTests : IDisposable
{
    private const string Good = """{"question":{"stem":"Why?","choices":[{"text":"a","label":"A"},{"text":"b","label":"B"}]},"answerKey":"B"}""";

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("arc_easy", "arc/ARC-Easy/ARC-Easy-Test.jsonl", "{\"question\"", "line 2: expected a JSON object, found")]
    [InlineData("arc_easy", "arc/ARC-Easy/ARC-Easy-Test.jsonl", "[1]", "line 2: expected a JSON object, found an array.")]
    [InlineData("arc_easy", "arc/ARC-Easy/ARC-Easy-Test.jsonl", "{\"a\":1,\"a\":2}", "line 2: expected a JSON object, found")]
    [InlineData("arc_easy", "arc/ARC-Easy/ARC-Easy-Test.jsonl", "{\"question\":7}", "line 2: expected an object at 'question', found 7.")]
    [InlineData("arc_easy", "arc/ARC-Easy/ARC-Easy-Test.jsonl", "{\"question\":{\"stem\":\"s\",\"choices\":[]}}", "line 2: expected a string at 'answerKey', found no such key.")]
    [InlineData("arc_easy", "arc/ARC-Easy/ARC-Easy-Test.jsonl", "{\"question\":{\"stem\":\"s\",\"choices\":[{\"text\":\"t\",\"label\":\"A\"}]},\"answerKey\":\"E\"}", "line 2: expected one of the labels A at 'answerKey', found 'E'.")]
    [InlineData("arc_easy", "arc/ARC-Easy/ARC-Easy-Test.jsonl", "{\"question\":{\"stem\":\"s\",\"choices\":[\"t\"]},\"answerKey\":\"E\"}", "line 2: expected objects in 'choices', found \"t\".")]
    public void A_malformed_row_is_named(string task, string file, string row, string expected)
    {
        Write(file, $"{Good}\n{row}\n");
        AssertRefused(task, $"{_folder.At(file)}, {expected}");
    }

    [Theory]
    [InlineData("boolq", "boolq/dev.jsonl", "{\"question\":\"q\",\"title\":\"t\",\"passage\":\"p\",\"answer\":\"yes\"}", "expected true or false at 'answer', found \"yes\".")]
    [InlineData("winogrande", "winogrande/dev.jsonl", "{\"sentence\":\"no blank\",\"option1\":\"a\",\"option2\":\"b\",\"answer\":\"1\"}", "expected a blank '_' in 'sentence', found \"no blank\".")]
    [InlineData("winogrande", "winogrande/dev.jsonl", "{\"sentence\":\"a _\",\"option1\":\"a\",\"option2\":\"b\",\"answer\":\"3\"}", "expected \"1\" or \"2\" at 'answer', found \"3\".")]
    [InlineData("hellaswag", "hellaswag/hellaswag_val.jsonl", "{\"activity_label\":\"l\",\"ctx_a\":\"a\",\"ctx_b\":\"b\",\"endings\":[\"c\"],\"label\":1}", "expected a whole number below 1 at 'label', found 1.")]
    [InlineData("mmlu_anatomy", "mmlu/data/test/anatomy_test.csv", "q,a,b,c,A", "expected 6 comma-separated fields, found 5.")]
    [InlineData("mmlu_anatomy", "mmlu/data/test/anatomy_test.csv", "q,a,b,c,d,E", "expected A, B, C or D in the last field, found 'E'.")]
    [InlineData("mmlu_anatomy", "mmlu/data/test/anatomy_test.csv", "q,\"a,b,c,d,A", "expected a closing quote, found the end of the file.")]
    public void A_row_that_a_task_cannot_use_is_named(string task, string file, string row, string expected)
    {
        Write(file, row + "\n");
        AssertRefused(task, $"{_folder.At(file)}, line 1: {expected}");
    }

    [Fact]
    public void Labels_are_counted_and_checked()
    {
        Write("piqa/valid.jsonl", "{\"goal\":\"g\",\"sol1\":\"a\",\"sol2\":\"b\"}\n");
        AssertRefused("piqa", $"piqa: expected {_folder.At("piqa/valid-labels.lst")}, found no such file. 'Evals data fetch piqa --data {_folder.Path}' gets it.");
        Write("piqa/valid-labels.lst", "0\n1\n");
        AssertRefused("piqa", $"{_folder.At("piqa/valid-labels.lst")}: expected 1 labels, one for each row of piqa/valid.jsonl, found 2.");
        Write("piqa/valid-labels.lst", "2\n");
        AssertRefused("piqa", $"{_folder.At("piqa/valid-labels.lst")}, line 1: expected 0 or 1, found '2'.");
    }

    [Fact]
    public void Text_that_is_not_UTF8_is_named()
    {
        Directory.CreateDirectory(_folder.At("lambada_openai"));
        File.WriteAllBytes(_folder.At("lambada_openai/lambada_test.jsonl"), [.. "{\"text\":\"a b\"}\n"u8, 0xff, (byte)'\n']);
        AssertRefused("lambada_openai", $"{_folder.At("lambada_openai/lambada_test.jsonl")}, line 2: expected UTF-8 text, found the bytes FF.");
    }

    [Fact]
    public void Missing_data_names_the_file()
    {
        AssertRefused("openbookqa", $"openbookqa: expected {_folder.At("openbookqa/OpenBookQA-V1-Sep2018/Data/Main/test.jsonl")}, found no such file.");
        Write("arc/ARC-Easy/ARC-Easy-Test.jsonl", Good + "\n");
        AssertRefused(
            "arc_easy",
            "num_fewshot: expected 0, as arc_easy draws its examples from arc/ARC-Easy/ARC-Easy-Train.jsonl and there is no such file among the evaluation sets, found 2.",
            shots: 2);
        Write("arc/ARC-Easy/ARC-Easy-Test.jsonl", "\n");
        AssertRefused("arc_easy", $"{_folder.At("arc/ARC-Easy/ARC-Easy-Test.jsonl")}: expected rows, found none.");
    }

    [Fact]
    public void A_set_without_a_sample_says_where_to_get_it()
    {
        UserError error = Assert.Throws<MissingDataError>(() => EvaluationPlan.From(new EvaluationOptions { Tasks = ["openbookqa"] }));
        Assert.Contains("found no sample of it beside Factory. Get the set and name its folder: 'Evals data fetch openbookqa --data data', then --data data.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Quoted_fields_hold_commas_quotes_and_line_ends()
    {
        Write("rows.csv", "a,\"b,\"\"c\"\"\nd\",e\r\n\nf,g,\"\"\n");
        IReadOnlyList<CsvRow> rows = CsvRow.ReadAll(new DataFile(_folder.Path, "rows.csv"), 3);
        Assert.Equal([["a", "b,\"c\"\nd", "e"], ["f", "g", ""]], rows.Select(row => row.Fields));
        Assert.Equal([1, 4], rows.Select(row => row.Line));
    }

    public void Dispose() => _folder.Dispose();

    private void Write(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder.At(name))!);
        File.WriteAllText(_folder.At(name), text);
    }

    private void AssertRefused(string task, string expected, int shots = 0)
    {
        UserError error = Assert.ThrowsAny<UserError>(() => EvaluationPlan.From(new EvaluationOptions { Tasks = [task], DataDirectory = _folder.Path, NumFewshot = shots }));
        Assert.StartsWith(expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }
}
