using Factory.Evals.Data;

namespace Factory.Evals.Tasks;

/// <summary>One subject of MMLU (Hendrycks et al., 2021): its files and rows, whatever the prompt made of them.</summary>
internal sealed record MmluSubject(string Name)
{
    private const string Letters = "ABCD";

    public string TestFile => $"mmlu/data/test/{Name}_test.csv";

    public string DevFile => $"mmlu/data/dev/{Name}_dev.csv";

    /// <summary>Question, the four choices, index of the right one.</summary>
    public static IEnumerable<(string Question, IReadOnlyList<string> Choices, int Gold)> Read(DataFile file) =>
        CsvRow.ReadAll(file, columns: 6).Select(row =>
        {
            string answer = row.Fields[5];
            int gold = answer.Length == 1 ? Letters.IndexOf(answer[0], StringComparison.Ordinal) : -1;
            return gold >= 0
                ? (row.Fields[0], row.Fields.Skip(1).Take(4).ToArray() as IReadOnlyList<string>, gold)
                : throw file.Malformed(row.Line, "A, B, C or D in the last field", $"'{answer}'");
        });
}
