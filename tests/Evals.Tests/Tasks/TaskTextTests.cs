using Factory.Evals.Data;
using Factory.Evals.Requests;
using Factory.Evals.Tasks;

namespace Factory.Evals.Tests.Tasks;

/// <summary>The questions of current tasks where no golden file has them; expected texts are written out from the harness's templates.</summary>
public sealed class TaskTextTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Mmlu_describes_the_subject_shows_the_first_dev_rows_and_scores_letters()
    {
        Write("mmlu/data/test/us_foreign_policy_test.csv", "\" Who, then? \",Ann,\"B, \"\"b\"\"\",C,D,C\n");
        Write("mmlu/data/dev/us_foreign_policy_dev.csv", "Where?,W,X,Y,Z,A\nWhen?,1,2,3,4,D\n");
        ChoiceDocument document = Documents("mmlu_us_foreign_policy", shots: 1).Single();
        Assert.Equal(
            "The following are multiple choice questions (with answers) about us foreign policy.\n\n"
            + "Where?\nA. W\nB. X\nC. Y\nD. Z\nAnswer: A\n\n"
            + "Who, then?\nA. Ann\nB. B, \"b\"\nC. C\nD. D\nAnswer:",
            document.Questions[0].Context);
        Assert.Equal([" A", " B", " C", " D"], document.Questions.Select(request => request.Continuation));
        Assert.Equal(2, document.Gold);
    }

    [Fact]
    public void Boolq_asks_no_before_yes_and_puts_the_title_before_the_passage()
    {
        Write("boolq/dev.jsonl", """{"question": "is it so", "title": "It", "answer": true, "passage": "It is so."}""" + "\n");
        ChoiceDocument document = Documents("boolq").Single();
        Assert.Equal([new("It -- It is so.\nQuestion: is it so?\nAnswer:", " no"), new("It -- It is so.\nQuestion: is it so?\nAnswer:", " yes")], document.Questions);
        Assert.Equal(1, document.Gold);
    }

    [Fact]
    public void Hellaswag_removes_markup_after_trimming_and_counts_the_space_that_stays()
    {
        Write("hellaswag/hellaswag_val.jsonl",
            """{"activity_label": "Baking", "ctx_a": "A cook [header] waits.", "ctx_b": "THEN she", "endings": ["[step] mixes   it. ", "bakes [title] Serve"], "label": "1"}""" + "\n");
        ChoiceDocument document = Documents("hellaswag").Single();
        Assert.Equal([new("Baking: A cook waits. Then she", "  mixes  it."), new("Baking: A cook waits. Then she", " bakes. Serve")], document.Questions);
        Assert.Equal([" mixes  it.".Length, "bakes. Serve".Length], document.Lengths);
        Assert.Equal(1, document.Gold);
    }

    [Fact]
    public void Winogrande_puts_each_name_into_the_blank_and_scores_the_rest()
    {
        Write("winogrande/dev.jsonl", """{"qID": "q", "sentence": "Ann met Bo and _ waved. ", "option1": "Ann", "option2": "Bo", "answer": "2"}""" + "\n");
        Write("winogrande/train_xl.jsonl", string.Concat(Enumerable.Repeat("""{"sentence": "X saw _ leave.", "option1": "Y", "option2": "Z", "answer": "1"}""" + "\n", 2)));
        ChoiceDocument document = Documents("winogrande", shots: 1).Single();
        Assert.Equal(
            [new("X saw Y leave.\n\nAnn met Bo and Ann", " waved."), new("X saw Y leave.\n\nAnn met Bo and Bo", " waved.")],
            document.Questions);
        Assert.Equal(1, document.Gold);
    }

    [Fact]
    public void Lambada_asks_for_the_last_word_and_its_examples_have_two_spaces_before_theirs()
    {
        Write("lambada_openai/lambada_test.jsonl", "{\"text\": \"one two  three\"}\n");
        Assert.Equal(new LogLikelihoodRequest("one two ", " three"), Documents("lambada_openai").Single().Questions.Single());
        Assert.Equal("one two   three\n\none two ", Documents("lambada_openai", shots: 1).Single().Questions.Single().Context);
    }

    [Fact]
    public void Perplexity_counts_the_words_and_bytes_of_the_whole_file()
    {
        Write("text.txt", "Grüße an\nalle 😀\n");
        var task = (ScoredTask)EvaluationTasks.Find("perplexity");
        var document = (TextDocument)task.Prepare(DataFolder.Open(_folder.Path), new EvaluationOptions { Tasks = ["perplexity"], TextFile = _folder.At("text.txt") }).Documents.Single();
        Assert.Equal(("Grüße an\nalle 😀\n", 5, 21), (document.Text, document.Words, document.Bytes));
    }

    [Fact]
    public void Every_MMLU_subject_is_in_one_field_and_the_groups_hold_all_57()
    {
        var group = (TaskGroup)EvaluationTasks.Find("mmlu");
        Assert.Equal(57, group.Leaves.Select(task => task.Name).Distinct().Count());
        Assert.Equal([19, 13, 12, 13], group.Members.Select(field => field.Leaves.Count));
        Assert.Equal(EvaluationTasks.Names.Count, EvaluationTasks.Names.Distinct().Count());
    }

    public void Dispose() => _folder.Dispose();

    private void Write(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder.At(name))!);
        File.WriteAllText(_folder.At(name), text);
    }

    private IEnumerable<ChoiceDocument> Documents(string name, int shots = 0) =>
        ((ScoredTask)EvaluationTasks.Find(name)).Prepare(DataFolder.Open(_folder.Path), new EvaluationOptions { Tasks = [name], NumFewshot = shots }).Documents.Cast<ChoiceDocument>();
}
