using System.Net;
using System.Net.Sockets;
using Factory.Core;

namespace Factory.InferenceApi.Settings;

/// <summary>
/// One IP address and port. Names are not looked up: Kestrel would take a mistyped one for "every interface", and what a name stands for may change.
/// </summary>
internal sealed record ListenAddress(IPAddress Address, int Port)
{
    private const string Cure = "For https put a proxy in front.";

    public bool IsLoopback => IPAddress.IsLoopback(Address);

    /// <summary>Addresses separated by ';'.</summary>
    /// <exception cref="SettingError">One is not http://ADDRESS:PORT.</exception>
    public static IReadOnlyList<ListenAddress> ParseList(string urls) =>
        [.. urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).DefaultIfEmpty(urls).Select(Parse).Distinct()];

    public override string ToString() => Address.AddressFamily == AddressFamily.InterNetworkV6 ? $"http://[{Address}]:{Port}" : $"http://{Address}:{Port}";

    private static ListenAddress Parse(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out Uri? parsed) || parsed.Scheme != Uri.UriSchemeHttp || parsed.PathAndQuery != "/" || parsed.Fragment.Length > 0 || parsed.UserInfo.Length > 0)
        {
            throw new SettingError("urls", $"expected http://HOST:PORT, found '{url}'. {Cure}");
        }
        IPAddress? address = parsed.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase) ? IPAddress.Loopback : IPAddress.TryParse(parsed.DnsSafeHost, out IPAddress? literal) ? literal : null;
        return address is null
            ? throw new SettingError("urls", $"expected http://HOST:PORT with an IP address or localhost, found the name '{parsed.Host}' in '{url}'. For every interface write http://0.0.0.0:{parsed.Port}.")
            : new ListenAddress(address, parsed.Port);
    }
}
