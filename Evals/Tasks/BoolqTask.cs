using Factory.Evals.Data;

namespace Factory.Evals.Tasks;

/// <summary>
/// BoolQ (Clark et al., 2019): yes/no questions about a passage. The harness scores SuperGLUE's edition of it, whose passages
/// start with the article's title.
/// </summary>
internal sealed class BoolqTask() : MultipleChoiceTask("boolq", 2, ShotRule.DrawOthers, normalized: false)
{
    private static readonly string[] Answers = ["no", "yes"];

    protected override IReadOnlyList<string> EvaluatedFiles => ["boolq/dev.jsonl"];

    protected override IReadOnlyList<string> ShotFiles => ["boolq/train.jsonl"];

    protected override IEnumerable<ChoiceItem> Read(DataFile file, Func<string, DataFile> beside) =>
        JsonRow.ReadAll(file).Select((row, index) =>
        {
            string prompt = $"{row.Text("title")} -- {row.Text("passage")}\nQuestion: {row.Text("question")}?\nAnswer:";
            // SuperGLUE's rows carry their number in the split, so equal rows elsewhere are other documents.
            return ChoiceItem.Of(prompt, Answers, row.Flag("answer") ? 1 : 0, identity: $"{index}\0{prompt}");
        });
}
