using Factory.Core;
using Factory.InferenceApi.Settings;

namespace Factory.InferenceApi.Keys;

/// <summary>An address that others reach, on a server that takes everyone's requests.</summary>
internal static class OpenAddress
{
    /// <exception cref="SettingError">There is one, and nobody said that it is meant.</exception>
    public static void Refuse(ServerOptions options, KeyRing keys)
    {
        if (!options.AllowAnonymous && !keys.IsLocked && options.Addresses.FirstOrDefault(address => !address.IsLoopback) is ListenAddress open)
        {
            throw new SettingError("urls", $"expected an address of this machine alone (127.0.0.1) while there are no API keys, found {open}. Make a key with 'InferenceApi keys create --name NAME', or serve everyone with --allow-anonymous.");
        }
    }
}
