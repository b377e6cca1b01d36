using Factory.Evals.Data;

namespace Factory.Evals.Tasks;

/// <summary>PIQA (Bisk et al., 2020): which of two ways reaches an everyday goal. Right answers are in a file of their own.</summary>
internal sealed class PiqaTask() : MultipleChoiceTask("piqa", 1, ShotRule.DrawOthers, normalized: true)
{
    protected override IReadOnlyList<string> EvaluatedFiles => ["piqa/valid.jsonl"];

    protected override IReadOnlyList<string> ShotFiles => ["piqa/train.jsonl"];

    protected override IEnumerable<ChoiceItem> Read(DataFile file, Func<string, DataFile> beside)
    {
        DataFile labelFile = beside(file.Name.Replace(".jsonl", "-labels.lst", StringComparison.Ordinal));
        int[] labels = [.. labelFile.Lines().Select(line => line.Text.Trim() switch
        {
            "0" => 0,
            "1" => 1,
            string other => throw labelFile.Malformed(line.Number, "0 or 1", $"'{other}'"),
        })];
        JsonRow[] rows = [.. JsonRow.ReadAll(file)];
        if (labels.Length != rows.Length)
        {
            throw new Core.UserError($"{labelFile.Path}: expected {rows.Length} labels, one for each row of {file.Path}, found {labels.Length}.");
        }
        return rows.Zip(labels, (row, label) => ChoiceItem.Of($"Question: {row.Text("goal")}\nAnswer:", [row.Text("sol1"), row.Text("sol2")], label));
    }
}
