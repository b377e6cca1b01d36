using Factory.Evals.Data;

namespace Factory.Evals.Tasks;

/// <summary>AI2 Reasoning Challenge (Clark et al., 2018): school science questions with three to five answers.</summary>
/// <param name="set">"ARC-Easy" or "ARC-Challenge".</param>
internal sealed class ArcTask(string name, string set) : MultipleChoiceTask(name, 1, ShotRule.Draw, normalized: true)
{
    protected override IReadOnlyList<string> EvaluatedFiles => [$"arc/{set}/{set}-Test.jsonl"];

    protected override IReadOnlyList<string> ShotFiles => [$"arc/{set}/{set}-Train.jsonl"];

    protected override IEnumerable<ChoiceItem> Read(DataFile file, Func<string, DataFile> beside) =>
        LabelledQuestion.ReadAll(file).Select(question => ChoiceItem.Of($"Question: {question.Stem}\nAnswer:", question.Choices, question.Gold));
}
