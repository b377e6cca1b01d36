using Factory.Evals.Tokens;

namespace Factory.Evals.Tests.Tokens;

public sealed class RollingWindowsTests
{
    private const int Prefix = 99;

    [Fact]
    public void A_text_that_fits_is_one_window_behind_the_prefix_token()
    {
        TokenPair window = Assert.Single(RollingWindows.Cut([0, 1, 2], Prefix, 3));
        Assert.Equal([Prefix], window.Context);
        Assert.Equal([0, 1, 2], window.Continuation);
    }

    [Fact]
    public void Full_windows_have_one_token_of_context_and_the_last_as_many_as_still_fit()
    {
        TokenPair[] windows = [.. RollingWindows.Cut([.. Enumerable.Range(0, 10)], Prefix, 4)];
        Assert.Equal([[Prefix], [3], [5, 6, 7]], windows.Select(window => window.Context));
        Assert.Equal([[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]], windows.Select(window => window.Continuation));
    }

    [Fact]
    public void An_empty_text_has_no_window() => Assert.Empty(RollingWindows.Cut([], Prefix, 4));
}
