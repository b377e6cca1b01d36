namespace Factory.Core.Tests;

public class NearestNameTests
{
    [Theory]
    [InlineData("arc_esay", "arc_easy")]
    [InlineData("boolq", "boolq")]
    [InlineData("bolq", "boolq")]
    [InlineData("photosynthesis", null)]
    [InlineData("", null)]
    public void The_nearest_is_named_where_one_is_near(string name, string? expected) => Assert.Equal(expected, NearestName.Find(name, ["arc_easy", "boolq", "piqa", "winogrande"]));

    [Theory]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("", "abc", 3)]
    [InlineData("flaw", "lawn", 2)]
    public void The_distance_is_levenshteins(string from, string to, int expected) => Assert.Equal(expected, NearestName.Distance(from, to));

    [Fact]
    public void A_very_long_name_costs_nothing() => Assert.Null(NearestName.Find(new string('x', 1_000_000), ["arc_easy"]));

    [Fact]
    public void Among_no_names_none_is_near() => Assert.Null(NearestName.Find("a", []));
}
