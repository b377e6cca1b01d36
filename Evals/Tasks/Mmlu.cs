using Factory.Evals.Data;
using Factory.Evals.Python;
using Factory.Evals.Requests;
using Factory.Evals.Scoring;

namespace Factory.Evals.Tasks;

/// <summary>One subject of MMLU (Hendrycks et al., 2021): the choices stand in the prompt and their letters are scored.</summary>
internal static class Mmlu
{
    private static readonly string[] Letters = ["A", "B", "C", "D"];

    public static QuestionTask Task(string subject) => new($"mmlu_{subject}", 1)
    {
        Files = TestFiles(subject),
        ExampleFiles = DevFiles(subject),
        ExampleRule = ShotRule.First,
        Description = $"The following are multiple choice questions (with answers) about {subject.Replace('_', ' ')}.\n\n",
        Read = (file, _) => Rows(file).Select(row => new ChoiceQuestion(
            $"{PythonText.Strip(row.Question)}\n{string.Concat(Letters.Zip(row.Choices, (letter, choice) => $"{letter}. {choice}\n"))}Answer:", Letters, row.Gold)),
        Metrics = [Metrics.Accuracy],
    };

    internal static IReadOnlyList<string> TestFiles(string subject) => [$"mmlu/data/test/{subject}_test.csv", .. Published.Split($"mmlu/{subject}", "test")];

    internal static IReadOnlyList<string> DevFiles(string subject) => [$"mmlu/data/dev/{subject}_dev.csv", .. Published.Split($"mmlu/{subject}", "dev")];

    /// <summary>Question, the four choices, index of the right one. The published csv has no header: question, four choices, letter.</summary>
    internal static IEnumerable<(string Question, IReadOnlyList<string> Choices, int Gold)> Rows(DataFile file) => file.Name.StartsWith("mmlu/data/", StringComparison.Ordinal)
        ? CsvRow.ReadAll(file, columns: 6).Select(row => (row.Fields[0], (IReadOnlyList<string>)[.. row.Fields.Skip(1).Take(4)], Gold(file, row)))
        : DataRow.ReadAll(file).Select(row => row.Texts("choices") is { Count: 4 } choices
            ? (row.Text("question"), choices, row.Index("answer", 4))
            : throw row.Malformed("four strings at 'choices'", "another number"));

    private static int Gold(DataFile file, CsvRow row) => Array.IndexOf(Letters, row.Fields[5]) is >= 0 and int gold
        ? gold
        : throw file.Malformed(row.Line, "A, B, C or D in the last field", $"'{row.Fields[5]}'");
}
