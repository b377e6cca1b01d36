using System.Security.Cryptography;
using System.Text;
using Factory.Core;
using Factory.InferenceApi.Hosting;
using Factory.InferenceApi.Settings;
using Factory.InferenceApi.Telemetry;

namespace Factory.InferenceApi.Keys;

/// <summary>The keys that the server takes. A key made or revoked beside the running server counts from the next request on.</summary>
internal sealed class KeyRing
{
    private readonly string _state;
    private readonly ILogger<KeyRing> _log;
    private readonly Lock _lock = new();
    private IReadOnlyList<ApiKey> _keys;
    private DateTime _read;

    /// <exception cref="UserError">The file with keys cannot be read.</exception>
    public KeyRing(ServerOptions options, ILogger<KeyRing> log)
    {
        (_state, _log) = (options.State, log);
        _read = File.GetLastWriteTimeUtc(KeyFile.At(_state));
        _keys = KeyFile.Read(_state);
    }

    /// <summary>Whether requests need a key at all.</summary>
    public bool IsLocked => Current().Count > 0;

    /// <summary>The working key that <paramref name="key"/> is; null if it is none. Takes the same time for every wrong one.</summary>
    public ApiKey? Find(string key)
    {
        byte[] hash = Encoding.ASCII.GetBytes(ApiKey.Hash(key));
        ApiKey? found = null;
        foreach (ApiKey known in Current())
        {
            if (CryptographicOperations.FixedTimeEquals(hash, Encoding.ASCII.GetBytes(known.Sha256)) && known.Revoked is null)
            {
                found = known;
            }
        }
        return found;
    }

    private IReadOnlyList<ApiKey> Current()
    {
        DateTime written = File.GetLastWriteTimeUtc(KeyFile.At(_state));
        lock (_lock)
        {
            if (written != _read)
            {
                try
                {
                    // A file that was taken away opens nothing: only a start without it does.
                    IReadOnlyList<ApiKey> keys = KeyFile.Read(_state);
                    _keys = keys.Count > 0 ? keys : _keys;
                    _read = written;
                }
                catch (UserError error)
                {
                    _log.KeysNotRead(error.Message);
                }
            }
            return _keys;
        }
    }
}
