using System.Text.Json;
using Factory.Core.Journal;

namespace Factory.Core.Tests.Journal;

public sealed class JournalTests
{
    [Fact]
    public void Every_kind_of_record_reads_back_as_it_was_written()
    {
        using var folder = new TemporaryFolder();
        JournalRecord[] records =
        [
            new HeaderRecord
            {
                Started = "2026-11-25T00:00:00Z", TrainerVersion = "1", TorchsharpVersion = "2", Device = "cpu", Threads = 2, Parameters = 5, Vocabulary = 6, Data = "d", DataSha256 = "h",
                Recipe = JsonSerializer.SerializeToElement(new { recipe = "modern" }),
            },
            Step(1) with { BlockGradNorm = [0.5, 0.25], Mfu = 0.4, Memory = 9, Skipped = true, Loss = null },
            new ValidationRecord { Step = 1, Tokens = 64, Loss = 2, Perplexity = 7.4, ValidationTokens = 100, PaperPerplexity = 7.1, AnswerAccuracy = 0.25, BlockOutputVariance = [1, 2] },
            new SampleRecord(1, "To be", "To be, é"),
            new EventRecord(1, "spike", "loss 9"),
        ];
        using (JournalWriter journal = JournalWriter.Open(folder.Path, 0))
        {
            Array.ForEach(records, journal.Append);
        }
        JournalRecord[] read = [.. JournalFile.Read(folder.Path)];
        Assert.Equivalent(records.Skip(1), read.Skip(1), strict: true);
        Assert.Equal("{\"recipe\":\"modern\"}", Assert.IsType<HeaderRecord>(read[0]).Recipe.GetRawText());
        Assert.Equal(5, JournalFile.ReadHeader(folder.Path)!.Parameters);
    }

    [Fact]
    public void Opening_at_a_length_cuts_off_what_came_after_it()
    {
        using var folder = new TemporaryFolder();
        long length;
        using (JournalWriter journal = JournalWriter.Open(folder.Path, 0))
        {
            journal.Append(Step(1));
            length = journal.Length;
            journal.Append(Step(2));
        }
        using (JournalWriter journal = JournalWriter.Open(folder.Path, length))
        {
            journal.Append(Step(2) with { Loss = 9 });
        }
        Assert.Equal([2.5, 9.0], JournalFile.Read(folder.Path).Cast<StepRecord>().Select(step => step.Loss!.Value));
    }

    [Fact]
    public void A_journal_that_has_lost_lines_is_not_continued_with_a_hole()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.At(JournalFile.Name), "{\"step\":1}\n");
        UserError error = Assert.Throws<UserError>(() => JournalWriter.Open(folder.Path, 100));
        Assert.Contains("expected at least 100 bytes, as the checkpoint says, found 11", error.Message, StringComparison.Ordinal);
        Assert.Equal("{\"step\":1}\n", File.ReadAllText(folder.At(JournalFile.Name)));
        File.Delete(folder.At(JournalFile.Name));
        using JournalWriter fresh = JournalWriter.Open(folder.Path, 100);
        Assert.Equal(0, fresh.Length);
    }

    [Fact]
    public void A_last_line_cut_off_in_the_middle_is_left_out_and_one_before_it_is_an_error()
    {
        using var folder = new TemporaryFolder();
        using (JournalWriter journal = JournalWriter.Open(folder.Path, 0))
        {
            journal.Append(Step(1));
        }
        File.AppendAllText(folder.At(JournalFile.Name), "{\"record\":\"st");
        Assert.Single(JournalFile.Read(folder.Path));
        File.AppendAllText(folder.At(JournalFile.Name), "\n{}\n");
        Assert.Contains("line 2", Assert.Throws<UserError>(() => JournalFile.Read(folder.Path).ToList()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_of_the_first_format_are_read_as_header_and_steps()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.At(JournalFile.Name), """
            {"started":"2026-11-01T00:00:00Z","trainer_version":"0.1.0","torchsharp_version":"0.107.0","device":"cpu","threads":2,"parameters":5,"vocabulary":6,"data":"d","data_sha256":"h","options":{"preset":"nano"}}
            {"step":1,"tokens":64,"loss":2.5,"lr":0,"grad_norm":1.5,"tokens_per_second":10,"validation_loss":2,"perplexity":7.4,"validation_tokens":100,"block_output_variance":[1]}

            """);
        JournalRecord[] read = [.. JournalFile.Read(folder.Path)];
        Assert.Equal("{\"preset\":\"nano\"}", Assert.IsType<HeaderRecord>(read[0]).Recipe.GetRawText());
        Assert.Equal(2.5, Assert.IsType<StepRecord>(read[1]).Loss);
    }

    private static StepRecord Step(long step) => new() { Step = step, Tokens = 64 * step, ValidTokens = 64, Loss = 2.5, Lr = 0.5, GradNorm = 1, TokensPerSecond = 10 };
}
