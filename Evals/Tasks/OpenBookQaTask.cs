using Factory.Evals.Data;

namespace Factory.Evals.Tasks;

/// <summary>OpenBookQA (Mihaylov et al., 2018): sentences about elementary science to complete.</summary>
internal sealed class OpenBookQaTask() : MultipleChoiceTask("openbookqa", 1, ShotRule.Draw, normalized: true)
{
    private const string Folder = "openbookqa/OpenBookQA-V1-Sep2018/Data/Main";

    protected override IReadOnlyList<string> EvaluatedFiles => [$"{Folder}/test.jsonl"];

    protected override IReadOnlyList<string> ShotFiles => [$"{Folder}/train.jsonl"];

    protected override IEnumerable<ChoiceItem> Read(DataFile file, Func<string, DataFile> beside) =>
        LabelledQuestion.ReadAll(file).Select(question => ChoiceItem.Of(question.Stem, question.Choices, question.Gold));
}
