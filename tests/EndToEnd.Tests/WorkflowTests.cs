using System.Text.RegularExpressions;

namespace Factory.EndToEnd.Tests;

/// <summary>The workflows ask for no more than they need, run nothing that can change under them, and only steps that a developer can run.</summary>
public sealed partial class WorkflowTests
{
    private static string Root => GoldenData.Repository;

    public static TheoryData<string> Files =>
        [.. Directory.EnumerateFiles(Path.Combine(Root, ".github", "workflows"), "*.yml").Append(Path.Combine(Root, "action.yml")).Select(path => Path.GetRelativePath(Root, path))];

    [Theory]
    [MemberData(nameof(Files))]
    public void Actions_are_pinned_by_hash_with_the_version_beside_it(string file) =>
        Assert.All(Uses().Matches(Read(file)).Select(match => match.Groups[1].Value), use => Assert.Matches(@"^(\./\S+|[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$", use));

    [Theory]
    [MemberData(nameof(Files))]
    public void Nothing_of_a_pull_request_is_put_into_a_script(string file) =>
        Assert.All(Scripts().Matches(Read(file)).Select(match => match.Value), script => Assert.DoesNotContain("${{", script, StringComparison.Ordinal));

    [Theory]
    [MemberData(nameof(Files))]
    public void Workflows_may_read_only_unless_a_job_says_otherwise_and_every_job_ends(string file)
    {
        if (!file.StartsWith(".github", StringComparison.Ordinal))
        {
            return; // A composite action has no jobs.
        }
        string text = Read(file);
        Assert.Contains("\npermissions:\n  contents: read\n", text, StringComparison.Ordinal);
        Assert.Equal(Jobs().Count(text), Timeouts().Count(text));
    }

    [Fact]
    public void Every_step_of_the_evaluation_is_a_step_of_the_script()
    {
        string script = Read(Path.Combine("scripts", "evaluate.sh"));
        string[] steps = [.. Steps().Matches(Read(Path.Combine(".github", "workflows", "evaluation.yml"))).Select(match => match.Groups[1].Value).Distinct()];
        Assert.Equal(["analyze", "build", "export", "gate", "report", "score", "summary", "train", "verify"], steps.Order());
        Assert.All(steps, step => Assert.Contains($"\n  {step} ", script, StringComparison.Ordinal));
    }

    private static string Read(string file) => File.ReadAllText(Path.Combine(Root, file));

    [GeneratedRegex(@"^\s*(?:- )?uses: (.+)$", RegexOptions.Multiline)]
    private static partial Regex Uses();

    [GeneratedRegex(@"^( *)(?:- )?run: (?:\|\n(?:\1 +.*\n|\n)+|[^|\n].*\n)", RegexOptions.Multiline)]
    private static partial Regex Scripts();

    [GeneratedRegex(@"^    runs-on: ", RegexOptions.Multiline)]
    private static partial Regex Jobs();

    [GeneratedRegex(@"^    timeout-minutes: \d+$", RegexOptions.Multiline)]
    private static partial Regex Timeouts();

    [GeneratedRegex(@"scripts/evaluate\.sh (\w+)")]
    private static partial Regex Steps();
}
