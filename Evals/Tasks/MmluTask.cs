using Factory.Evals.Data;
using Factory.Evals.Python;

namespace Factory.Evals.Tasks;

/// <summary>One subject of MMLU: the choices stand in the prompt and their letters are scored.</summary>
internal sealed class MmluTask(MmluSubject subject) : MultipleChoiceTask($"mmlu_{subject.Name}", 1, ShotRule.First, normalized: false)
{
    private static readonly string[] Letters = ["A", "B", "C", "D"];

    protected override IReadOnlyList<string> EvaluatedFiles => [subject.TestFile];

    protected override IReadOnlyList<string> ShotFiles => [subject.DevFile];

    protected override string Description =>
        $"The following are multiple choice questions (with answers) about {subject.Name.Replace('_', ' ')}.\n\n";

    protected override IEnumerable<ChoiceItem> Read(DataFile file, Func<string, DataFile> beside) => MmluSubject.Read(file).Select(row =>
        ChoiceItem.Of(
            $"{PythonText.Strip(row.Question)}\n{string.Concat(Letters.Zip(row.Choices, (letter, choice) => $"{letter}. {choice}\n"))}Answer:",
            Letters,
            row.Gold));
}
