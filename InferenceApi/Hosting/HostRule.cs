using System.Net;
using Factory.InferenceApi.Problems;
using Factory.InferenceApi.Settings;

namespace Factory.InferenceApi.Hosting;

/// <summary>
/// Which Host headers are answered. A page of a stranger can point its own name at 127.0.0.1 (DNS rebinding) and then read what a server without
/// keys says; such a name has a dot. IP addresses and names without a dot belong to nobody else.
/// </summary>
internal sealed class HostRule(ServerOptions options)
{
    private readonly bool _any = options.AllowedHosts.Contains("*") || (options.AllowedHosts.Count == 0 && options.Addresses.Any(address => !address.IsLoopback));

    /// <exception cref="Problems.RefusedException">400: the name is another's.</exception>
    public void Check(HostString host)
    {
        string name = host.Host.TrimEnd('.');
        if (!_any && name.Contains('.', StringComparison.Ordinal) && !IPAddress.TryParse(name, out _) && !name.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
            && !options.AllowedHosts.Contains(name, StringComparer.OrdinalIgnoreCase))
        {
            throw Problem.Refused(StatusCodes.Status400BadRequest, "Expected a Host header with a name of this server, found another. Whoever runs it can allow the name.");
        }
    }
}
