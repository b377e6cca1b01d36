using Factory.Evals.Data;
using Factory.Evals.Python;
using Factory.Evals.Scoring;

namespace Factory.Evals.Tasks;

/// <summary>
/// WinoGrande (Sakaguchi et al., 2020): which of two names fills the blank. "Partial" scoring (Trinh and Le, 2018): each name goes into the
/// blank, and the text after it, the same for both, is scored.
/// </summary>
internal static class WinoGrande
{
    public static QuestionTask Task { get; } = new("winogrande", 1)
    {
        Files = ["winogrande/dev.jsonl", .. Published.Split("winogrande/winogrande_xl", "validation")],
        ExampleFiles = ["winogrande/train_xl.jsonl", .. Published.Split("winogrande/winogrande_xl", "train")],
        ExampleRule = ShotRule.DrawOthers,
        Read = (file, _) => DataRow.ReadAll(file).Select(Read),
        Metrics = [Metrics.Accuracy],
    };

    private static ChoiceQuestion Read(DataRow row)
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
        return new ChoiceQuestion([.. options.Select(option => sentence[..blank] + option)], [rest, rest], gold)
        {
            Identity = $"{sentence}\0{options[0]}\0{options[1]}\0{answer}",
        };
    }
}
