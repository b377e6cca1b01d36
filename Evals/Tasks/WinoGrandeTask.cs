using Factory.Evals.Data;
using Factory.Evals.Python;

namespace Factory.Evals.Tasks;

/// <summary>
/// WinoGrande (Sakaguchi et al., 2020): which of two names fills the blank. "Partial" scoring (Trinh and Le, 2018): each name goes into the
/// blank, and the text after it, the same for both, is scored.
/// </summary>
internal sealed class WinoGrandeTask() : MultipleChoiceTask("winogrande", 1, ShotRule.DrawOthers, normalized: false)
{
    protected override IReadOnlyList<string> EvaluatedFiles => ["winogrande/dev.jsonl"];

    protected override IReadOnlyList<string> ShotFiles => ["winogrande/train_xl.jsonl"];

    protected override IEnumerable<ChoiceItem> Read(DataFile file, Func<string, DataFile> beside) => JsonRow.ReadAll(file).Select(Read);

    private static ChoiceItem Read(JsonRow row)
    {
        string sentence = row.Text("sentence");
        string[] options = [row.Text("option1"), row.Text("option2")];
        string answer = row.Text("answer");
        int gold = Array.IndexOf(["1", "2"], answer);
        int blank = sentence.IndexOf('_', StringComparison.Ordinal);
        if (gold < 0)
        {
            throw row.Malformed("\"1\" or \"2\" at 'answer'", $"\"{answer}\"");
        }
        if (blank < 0)
        {
            throw row.Malformed("a blank '_' in 'sentence'", $"\"{sentence}\"");
        }
        string rest = PythonText.Strip(sentence[(blank + 1)..]);
        return new ChoiceItem
        {
            Prompts = [.. options.Select(option => sentence[..blank] + option)],
            Targets = [rest, rest],
            Gold = gold,
            Identity = $"{sentence}\0{options[0]}\0{options[1]}\0{answer}",
        };
    }
}
