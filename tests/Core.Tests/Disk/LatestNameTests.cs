using Factory.Core.Disk;

namespace Factory.Core.Tests.Disk;

public class LatestNameTests
{
    private const string Cure = "Train one.";

    [Fact]
    public void The_last_one_written_is_the_latest()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.At("first"));
        Directory.CreateDirectory(folder.At("second"));
        LatestName.Write(folder.At("second"), Assert.Fail);
        LatestName.Write(folder.At("first") + Path.DirectorySeparatorChar, Assert.Fail);
        Assert.Equal(folder.At("first"), LatestName.Read(folder.Path, Cure));
        Assert.Equal("first\n", File.ReadAllText(folder.At("latest")));
    }

    [Fact]
    public void Without_a_name_the_cure_is_given()
    {
        using var folder = new TemporaryFolder();
        Assert.EndsWith(Cure, Assert.Throws<UserError>(() => LatestName.Read(folder.Path, Cure)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gone\n")]
    [InlineData("")]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("a/b")]
    [InlineData("/")]
    public void A_name_that_leads_nowhere_is_refused(string content)
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.At("a", "b"));
        File.WriteAllText(folder.At("latest"), content);
        Assert.EndsWith(Cure, Assert.Throws<UserError>(() => LatestName.Read(folder.Path, Cure)).Message, StringComparison.Ordinal);
    }
}
