using Factory.Evals.Data;

namespace Factory.Evals.Tasks;

/// <summary>
/// One subject of MMLU with the harness's old prompt (its task version 0): the choices' texts are scored. Kept because the harness
/// published request hashes and scores of it, which prove the reading of all 57 files.
/// </summary>
internal sealed class HendrycksTestTask(MmluSubject subject) : MultipleChoiceTask($"hendrycksTest-{subject.Name}", 0, ShotRule.First, normalized: true)
{
    private static readonly string[] Letters = ["A", "B", "C", "D"];

    protected override IReadOnlyList<string> EvaluatedFiles => [subject.TestFile];

    protected override IReadOnlyList<string> ShotFiles => [subject.DevFile];

    protected override IEnumerable<ChoiceItem> Read(DataFile file, Func<string, DataFile> beside) => MmluSubject.Read(file).Select(row =>
        ChoiceItem.Of(
            $"Question: {row.Question}\nChoices:\n{string.Concat(Letters.Zip(row.Choices, (letter, choice) => $"{letter}. {choice}\n"))}Answer:",
            row.Choices,
            row.Gold));
}
