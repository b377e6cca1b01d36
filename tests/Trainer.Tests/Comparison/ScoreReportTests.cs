using Factory.Core;
using Factory.Trainer.Comparison;

namespace Factory.Trainer.Tests.Comparison;

public sealed class ScoreReportTests : IDisposable
{
    private const string Tasks = """[{"name":"boolq","metrics":{"acc":{"value":0.5}}},{"name":"piqa","metrics":{"acc":{"value":0.7}}}]""";
    private const string Groups = """[{"name":"paper","tasks":["piqa","boolq"],"metrics":{"acc":{"value":0.6}}}]""";

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_groups_accuracies_come_in_its_order_and_its_own_last() =>
        Assert.Equal([("piqa", 0.7), ("boolq", 0.5), ("average", 0.6)], Read(Report(Tasks, Groups))!.Accuracies("paper")!.Select(score => (score.Key, score.Value)));

    [Theory]
    [InlineData(Tasks, "[]")]
    [InlineData("[]", Groups)]
    [InlineData("[null]", Groups)]
    [InlineData(Tasks, """[{"name":"paper","metrics":{"acc":{"value":0.6}}}]""")]
    [InlineData("""[{"name":"boolq","metrics":{}},{"name":"piqa","metrics":{"acc":{"value":0.7}}}]""", Groups)]
    public void A_report_of_other_tasks_has_no_accuracies_of_the_group(string tasks, string groups) => Assert.Null(Read(Report(tasks, groups))!.Accuracies("paper"));

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"model":null,"data":"d","tasks":[],"groups":[]}""")]
    [InlineData("""{"model":{},"data":"d","tasks":null,"groups":[]}""")]
    [InlineData("""{"model":{},"data":"d","tasks":[],"groups":[{"name":"paper"}]}""")]
    [InlineData("""{"model":{},"data":"d","tasks":[],"groups":[{"name":null,"metrics":{}}]}""")]
    public void What_is_no_report_is_refused_by_its_path(string text)
    {
        UserError error = Assert.Throws<UserError>(() => Read(text));
        Assert.StartsWith($"{_folder.At("report.json")}: expected a report of Evals", error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static string Report(string tasks, string groups) => $$"""{"model":{"bundle_sha256":"ab"},"data":"d","tasks":{{tasks}},"groups":{{groups}}}""";

    private ScoreReport? Read(string text)
    {
        File.WriteAllText(_folder.At("report.json"), text);
        return ScoreReport.Read(_folder.At("report.json"));
    }
}
