using System.Text.RegularExpressions;
using Factory.CommandLine;
using Factory.Core.Journal;
using Factory.Trainer.Commands;
using Spectre.Console;

namespace Factory.Trainer.Tests.Commands;

public sealed partial class RunSummaryTests
{
    [Theory]
    [InlineData(80, 24)]
    [InlineData(80, 1)]
    [InlineData(80, 0)]
    [InlineData(0, 0)]
    public async Task The_progress_line_of_a_long_run_stays_within_80_columns_of_a_terminal_of_any_height(int width, int height)
    {
        var text = new StringWriter();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.Yes, Interactive = InteractionSupport.Yes, ColorSystem = ColorSystemSupport.NoColors, Out = new Terminal(text, width, height) });
        RunSummary summary = Summary();
        await ProgressBar.RunAsync(console, "training", 100_000, "steps", bar =>
        {
            bar.Report(99_999, summary.Note);
            return Task.FromResult(0);
        });
        string[] lines = [.. Escape().Replace(text.ToString(), "").Split('\n', '\r').Where(line => line.Trim().Length > 0)];
        Assert.Contains(lines, line => line.Contains(summary.Note, StringComparison.Ordinal));
        Assert.All(lines, line => Assert.InRange(line.TrimEnd().Length, 1, 80));
    }

    [Fact]
    public void The_last_line_has_perplexity_tokens_time_and_speed() =>
        Assert.Matches(@"^validation perplexity 1,234\.50 \(loss 7\.1184, 10,000,000 tokens\); as the paper's code counts: 1,200\.00; 131,072 training tokens in all; this time 00:00:0\d, [\d,]+ tokens/s\.$", Summary().Last);

    private static RunSummary Summary()
    {
        var summary = new RunSummary(TimeProvider.System);
        summary.Add(new StepRecord { Step = 1, Tokens = 256, Loss = 10, Lr = 0, GradNorm = 1, TokensPerSecond = 1 });
        summary.Add(new StepRecord { Step = 99_999, Tokens = 131_072, Loss = 10.123, Lr = 0, GradNorm = 1, TokensPerSecond = 123_456 });
        summary.Add(new ValidationRecord { Step = 1, Tokens = 1, Loss = 7.1184, Perplexity = 1234.5, ValidationTokens = 10_000_000, PaperPerplexity = 1200, BlockOutputVariance = [] });
        return summary;
    }

    /// <summary>One that says 0 does not know its size, as with TERM=dumb or a pseudo-terminal that was given none.</summary>
    private sealed record Terminal(TextWriter Writer, int Width, int Height) : IAnsiConsoleOutput
    {
        public bool IsTerminal => true;

        public void SetEncoding(System.Text.Encoding encoding)
        {
        }
    }

    [GeneratedRegex(@"\e\[[0-9;?]*[A-Za-z]")]
    private static partial Regex Escape();
}
