using Factory.Evals.Python;

namespace Factory.Evals.Tests.Python;

/// <summary>Expected values are CPython's.</summary>
public sealed class PythonTextTests
{
    [Fact]
    public void Length_counts_code_points_and_not_UTF16_units() => Assert.Equal(4, PythonText.Length("a😀é\u0301"));

    [Theory]
    [InlineData("the MAN Runs", "The man runs")]
    [InlineData("éCOLE", "École")]
    [InlineData("", "")]
    public void Capitalize_lowers_all_but_the_first_character(string text, string expected) => Assert.Equal(expected, PythonText.Capitalize(text));

    [Fact]
    public void Strip_takes_the_ASCII_separators_for_white_space_too()
    {
        Assert.Equal("a", PythonText.Strip(" \u001c\u00a0a\u001f\n"));
        Assert.Equal(" a", PythonText.StripEnd(" a\u3000"));
        Assert.Equal("a\u200b", PythonText.StripStart("\u2003a\u200b"));
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("one", 1)]
    [InlineData(" two \n words ", 4)]
    public void Pieces_between_spaces_count_empty_ones_at_the_ends(string text, int expected) => Assert.Equal(expected, PythonText.PiecesBetweenSpaces(text));

    [Fact]
    public void Json_is_spelled_as_json_dumps_spells_it() => Assert.Equal(
        """[["a\"\\\n\t\u0001""" + "\u007f" + """ \u00e9 \ud83d\ude00/", "b"], ["c"]]""",
        PythonJson.Dump([["a\"\\\n\t\u0001\u007f é 😀/", "b"], ["c"]]));
}
