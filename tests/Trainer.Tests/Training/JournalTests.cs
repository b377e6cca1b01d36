using System.Text.Json.Nodes;
using Factory.Core;
using Factory.Trainer.Training;

namespace Factory.Trainer.Tests.Training;

public sealed class JournalTests
{
    [Fact]
    public void Opening_at_a_length_cuts_off_what_came_after_it()
    {
        using var folder = new TemporaryFolder();
        long length;
        using (Journal journal = Journal.Open(folder.Path, 0))
        {
            journal.Append(new JsonObject { ["step"] = 1, ["loss"] = 2.5 });
            length = journal.Length;
            journal.Append(new JsonObject { ["step"] = 2 });
        }
        using (Journal journal = Journal.Open(folder.Path, length))
        {
            journal.Append(new JsonObject { ["step"] = 2, ["loss"] = 2.25 });
        }
        Assert.Equal("{\"step\":1,\"loss\":2.5}\n{\"step\":2,\"loss\":2.25}\n", File.ReadAllText(folder.At(Journal.FileName)));
    }

    [Fact]
    public void A_run_that_is_being_trained_is_not_opened_again()
    {
        using var folder = new TemporaryFolder();
        using Journal first = Journal.Open(folder.Path, 0);
        Assert.Contains("no other process", Assert.Throws<UserError>(() => Journal.Open(folder.Path, 0)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_journal_that_has_lost_lines_is_not_continued_with_a_hole()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.At(Journal.FileName), "{\"step\":1}\n");
        UserError error = Assert.Throws<UserError>(() => Journal.Open(folder.Path, 100));
        Assert.Contains("expected at least 100 bytes, as the checkpoint says, found 11", error.Message, StringComparison.Ordinal);
        Assert.Equal("{\"step\":1}\n", File.ReadAllText(folder.At(Journal.FileName)));
        File.Delete(folder.At(Journal.FileName));
        using Journal fresh = Journal.Open(folder.Path, 100);
        Assert.Equal(0, fresh.Length);
    }
}
