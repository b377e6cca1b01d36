using Factory.Core;
using Factory.InferenceApi.Hosting;
using Factory.InferenceApi.Settings;

namespace Factory.InferenceApi.Tests;

/// <summary>An address is what it says, or it is refused: no typing mistake listens to the world.</summary>
public sealed class ListenAddressTests
{
    [Theory]
    [InlineData("http://127.0.0.1:5080", "http://127.0.0.1:5080", true)]
    [InlineData("http://localhost:0", "http://127.0.0.1:0", true)]
    [InlineData("http://LOCALHOST:81/", "http://127.0.0.1:81", true)]
    [InlineData("http://[::1]:5080", "http://[::1]:5080", true)]
    [InlineData("http://0.0.0.0:5080", "http://0.0.0.0:5080", false)]
    [InlineData("http://192.168.0.7", "http://192.168.0.7:80", false)]
    [InlineData("http://[::]:5080", "http://[::]:5080", false)]
    public void An_IP_address_or_localhost_is_taken(string url, string expected, bool loopback)
    {
        ListenAddress address = Assert.Single(ListenAddress.ParseList(url));
        Assert.Equal((expected, loopback), (address.ToString(), address.IsLoopback));
    }

    [Theory]
    [InlineData("http://locahost:5187")]
    [InlineData("http://127.0.0.l:5187")]
    [InlineData("http://user@127.0.0.1:5187")]
    [InlineData("http://127.0.0.1:5187#f")]
    [InlineData("http://127.0.0.1:5187/path")]
    [InlineData("http://127.0.0.1:5187?q")]
    [InlineData("http://*:5187")]
    [InlineData("http://+:5187")]
    [InlineData("https://127.0.0.1:5187")]
    [InlineData("127.0.0.1:5187")]
    [InlineData("http://127.0.0.1:99999")]
    [InlineData("http://models.example:80")]
    [InlineData("")]
    [InlineData("http://127.0.0.1:1;http://locahost:2")]
    public void Anything_else_is_refused(string urls)
    {
        SettingError error = Assert.Throws<SettingError>(() => ListenAddress.ParseList(urls));
        Assert.Equal("urls", error.Setting);
        Assert.StartsWith("expected http://HOST:PORT", error.Problem, StringComparison.Ordinal);
    }
}
