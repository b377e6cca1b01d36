using System.Text;
using Factory.Evals.Data;
using Factory.Evals.Requests;
using Factory.Evals.Tasks;
using Parquet;
using Parquet.Serialization;

namespace Factory.Evals.Tests.Data;

/// <summary>The same rows as jsonl, csv and parquet, as published by their authors and on hubs, give the same questions.</summary>
public sealed class PublishedFormatTests : IDisposable
{
    private const string Official = """{"question":{"stem":"Why?","choices":[{"text":"a, b","label":"A"},{"text":"\"c\"","label":"B"}]},"answerKey":"B"}""";

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Labelled_questions_read_alike_in_every_format()
    {
        Write("official/arc/ARC-Easy/ARC-Easy-Test.jsonl", Official + "\n");
        Write("hub/arc/ARC-Easy/test.jsonl", """{"id":"1","question":"Why?","choices":{"text":["a, b","\"c\""],"label":["A","B"]},"answerKey":"B"}""" + "\n");
        const string Choices = """{"text":["a, b","\"c\""],"label":["A","B"]}""";
        Write("csv/arc/ARC-Easy/test.csv", $"id,question,choices,answerKey\n1,Why?,\"{Choices.Replace("\"", "\"\"", StringComparison.Ordinal)}\",B\n");
        await WriteParquetAsync("parquet/arc/ARC-Easy/test-00000-of-00001.parquet", new ArcRow { Id = "1", Question = "Why?", Choices = new ArcChoices { Text = ["a, b", "\"c\""], Label = ["A", "B"] }, AnswerKey = "B" });
        string expected = Hash("arc_easy", "official");
        Assert.All(["hub", "csv", "parquet"], form => Assert.Equal(expected, Hash("arc_easy", form)));
    }

    [Fact]
    public async Task Labels_may_stand_in_a_column_and_titles_in_the_passage()
    {
        Write("official/boolq/dev.jsonl", """{"question": "is it", "title": "It", "answer": true, "passage": "It is."}""" + "\n");
        await WriteParquetAsync("parquet/boolq/validation-00000-of-00001.parquet", new BoolqRow { Question = "is it", Passage = "It -- It is.", Label = 1 });
        Write("official/piqa/valid.jsonl", """{"goal":"g","sol1":"x","sol2":"y"}""" + "\n");
        Write("official/piqa/valid-labels.lst", "1\n");
        Write("parquet/piqa/validation.csv", "goal,sol1,sol2,label\ng,x,y,1\n");
        Write("official/mmlu/data/test/anatomy_test.csv", "q,1,2,3,4,C\n");
        Write("parquet/mmlu/anatomy/test.jsonl", """{"question":"q","subject":"anatomy","choices":["1","2","3","4"],"answer":2}""" + "\n");
        Assert.All(["boolq", "piqa", "mmlu_anatomy"], task =>
        {
            Assert.Equal(Hash(task, "official"), Hash(task, "parquet"));
            Assert.Equal(Gold(task, "official"), Gold(task, "parquet"));
        });
    }

    [Theory]
    [InlineData("lambada_openai", "lambada_openai/lambada_test.jsonl", "{\"text\": \"one two\"}\n")]
    [InlineData("mmlu_anatomy", "mmlu/data/test/anatomy_test.csv", "q,1,2,3,4,C\n")]
    [InlineData("piqa", "piqa/validation.csv", "goal,sol1,sol2,label\ng,x,y,1\n")]
    [InlineData("wikitext", "wikitext-2-raw/wiki.test.raw", " = A = \n text \n")]
    public void A_byte_order_mark_belongs_to_no_text(string task, string file, string content)
    {
        Write($"plain/{file}", content);
        Write($"marked/{file}", "\ufeff" + content);
        Assert.Equal(Hash(task, "plain"), Hash(task, "marked"));
    }

    [Fact]
    public void A_byte_order_mark_does_not_count_in_a_text_of_ones_own()
    {
        Write("plain.txt", "To be");
        Write("marked.txt", "\ufeffTo be");
        Assert.Equal(Text("plain.txt"), Text("marked.txt"));

        (string, int, int) Text(string name) => Facts((TextDocument)((ScoredTask)EvaluationTasks.Find("perplexity")).Prepare(
            DataFolder.Samples(), new EvaluationOptions { Tasks = ["perplexity"], TextFile = _folder.At(name) }).Documents.Single());

        static (string, int, int) Facts(TextDocument document) => (document.Text, document.Words, document.Bytes);
    }

    [Fact]
    public void A_file_that_is_no_parquet_is_named()
    {
        Write("boolq/validation.parquet", "PAR1 not really");
        DataError error = Assert.Throws<DataError>(() => Prepare("boolq", ""));
        Assert.StartsWith($"{_folder.At("boolq/validation.parquet")}: expected a parquet file, found ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Squad_reads_articles_and_rows_alike()
    {
        Write("official/squad/dev-v1.1.json", """{"version":"1.1","data":[{"title":"A_B","paragraphs":[{"context":"C d.","qas":[{"id":"1","question":"Q?","answers":[{"text":"C","answer_start":0},{"text":"C d","answer_start":0}]}]}]}]}""");
        Write("hub/squad/validation.jsonl", """{"id":"1","title":"A_B","context":"C d.","question":"Q?","answers":{"text":["C","C d"],"answer_start":[0,0]}}""" + "\n");
        Assert.Equal(Hash("squad", "official"), Hash("squad", "hub"));
        var document = (GenerationDocument)Prepare("squad", "hub").Documents.Single();
        Assert.Equal("Title: A B\n\nBackground: C d.\n\nQuestion: Q?\n\nAnswer:", document.Question.Context);
        Assert.Equal(["C", "C d"], document.References);
    }

    public void Dispose() => _folder.Dispose();

    private string Hash(string task, string form) => Prepare(task, form).RequestSha256;

    private int Gold(string task, string form) => ((ChoiceDocument)Prepare(task, form).Documents.Single()).Gold;

    private PreparedTask Prepare(string task, string form) =>
        ((ScoredTask)EvaluationTasks.Find(task)).Prepare(DataFolder.Open(_folder.At(form)), new EvaluationOptions { Tasks = [task] });

    private void Write(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder.At(name))!);
        File.WriteAllText(_folder.At(name), text, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
    }

    private async Task WriteParquetAsync<T>(string name, T row)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder.At(name))!);
        await ParquetSerializer.SerializeAsync([row], _folder.At(name), cancellationToken: TestContext.Current.CancellationToken);
    }

    private sealed class ArcRow
    {
        [System.Text.Json.Serialization.JsonPropertyName("id")]
        public string? Id { get; set; }

        [System.Text.Json.Serialization.JsonPropertyName("question")]
        public string? Question { get; set; }

        [System.Text.Json.Serialization.JsonPropertyName("choices")]
        public ArcChoices? Choices { get; set; }

        [System.Text.Json.Serialization.JsonPropertyName("answerKey")]
        public string? AnswerKey { get; set; }
    }

    private sealed class ArcChoices
    {
        [System.Text.Json.Serialization.JsonPropertyName("text")]
        public List<string>? Text { get; set; }

        [System.Text.Json.Serialization.JsonPropertyName("label")]
        public List<string>? Label { get; set; }
    }

    private sealed class BoolqRow
    {
        [System.Text.Json.Serialization.JsonPropertyName("question")]
        public string? Question { get; set; }

        [System.Text.Json.Serialization.JsonPropertyName("passage")]
        public string? Passage { get; set; }

        [System.Text.Json.Serialization.JsonPropertyName("label")]
        public long Label { get; set; }
    }
}
