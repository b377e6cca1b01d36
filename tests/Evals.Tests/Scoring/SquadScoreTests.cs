using Factory.Evals.Scoring;

namespace Factory.Evals.Tests.Scoring;

/// <summary>Made cases; the expected numbers are what SQuAD's evaluation script (v1.1) gives, over a hundred.</summary>
public sealed class SquadScoreTests
{
    [Theory]
    [InlineData("The Denver Broncos!", "denver broncos", 1, 1)]
    [InlineData("a the an", "", 1, 0)]
    [InlineData("", "", 1, 0)]
    [InlineData("Denver", "Denver Broncos", 0, 2.0 / 3)]
    [InlineData("in the year 1990", "1990", 0, 0.5)]
    [InlineData("blue blue red", "blue red red", 0, 2.0 / 3)]
    [InlineData("theatre", "the atre", 0, 0)]
    [InlineData("U.S.", "us", 1, 1)]
    [InlineData("café  au\u00a0lait", "Café au lait", 1, 1)]
    [InlineData("“the” end", "“the” end", 1, 1)]
    [InlineData("ÉCOLE", "école", 1, 1)]
    [InlineData("x", "y", 0, 0)]
    public void Exact_match_and_F1_follow_the_official_rules(string answer, string reference, double exact, double f1)
    {
        Assert.Equal(exact, SquadScore.ExactMatch(answer, reference));
        Assert.Equal(f1, SquadScore.F1(answer, reference), 1e-15);
    }
}
