using Factory.Evals.Data;
using Factory.Evals.Scoring;

namespace Factory.Evals.Tasks;

/// <summary>
/// BoolQ (Clark et al., 2019): yes/no questions about a passage. The harness scores SuperGLUE's edition of it, whose passages
/// start with the article's title.
/// </summary>
internal static class Boolq
{
    private static readonly string[] Answers = ["no", "yes"];

    public static QuestionTask Task { get; } = new("boolq", 2)
    {
        Files = ["boolq/dev.jsonl", .. Published.Split("boolq", "validation")],
        ExampleFiles = ["boolq/train.jsonl", .. Published.Split("boolq", "train")],
        ExampleRule = ShotRule.DrawOthers,
        Read = (file, _) => DataRow.ReadAll(file).Select(Read),
        Metrics = [Metrics.Accuracy],
    };

    private static ChoiceQuestion Read(DataRow row, int index)
    {
        // SuperGLUE has the title in the passage already, and a label for the answer.
        string passage = row.Has("label") ? row.Text("passage") : $"{row.Text("title")} -- {row.Text("passage")}";
        int gold = row.Has("label") ? row.Index("label", Answers.Length) : row.Flag("answer") ? 1 : 0;
        string prompt = $"{passage}\nQuestion: {row.Text("question")}?\nAnswer:";
        // SuperGLUE's rows carry their number in the split, so equal rows elsewhere are other documents.
        return new ChoiceQuestion(prompt, Answers, gold) { Identity = $"{index}\0{prompt}" };
    }
}
