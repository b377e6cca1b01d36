namespace Factory.Runtime.Tests;

public sealed class StopFilterTests
{
    [Fact]
    public void A_stop_string_over_several_pieces_never_leaks()
    {
        var filter = new StopFilter(["<end>"]);
        Assert.Equal(["a ", "", "", ""], new[] { "a <", "en", "d>", " more" }.Select(filter.Append));
        Assert.True(filter.Stopped);
        Assert.Equal("", filter.Flush());
    }

    [Fact]
    public void What_only_began_like_a_stop_string_comes_out_as_soon_as_it_cannot_be_one()
    {
        var filter = new StopFilter(["<end>", "\n\n"]);
        Assert.Equal(["a ", "<enough", "", "\nb"], new[] { "a <en", "ough", "\n", "b" }.Select(filter.Append));
        Assert.False(filter.Stopped);
    }

    [Fact]
    public void A_beginning_that_overlaps_itself_is_held_from_its_longest_start()
    {
        var filter = new StopFilter(["aab"]);
        Assert.Equal(["", "a", ""], new[] { "aa", "a", "b" }.Select(filter.Append));
        Assert.True(filter.Stopped);
    }

    [Fact]
    public void The_earliest_of_several_stop_strings_counts()
    {
        var filter = new StopFilter(["late", "b"]);
        Assert.Equal("a ", filter.Append("a b late"));
        Assert.True(filter.Stopped);
    }

    [Fact]
    public void What_was_held_back_comes_out_at_the_end()
    {
        var filter = new StopFilter(["xyz"]);
        Assert.Equal("a", filter.Append("axy"));
        Assert.Equal("xy", filter.Flush());
    }

    [Fact]
    public void Without_stop_strings_everything_passes() => Assert.Equal("text", new StopFilter([]).Append("text"));
}
