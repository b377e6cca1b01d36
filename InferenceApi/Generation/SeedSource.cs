using System.Security.Cryptography;

namespace Factory.InferenceApi.Generation;

/// <summary>Draws the seeds of requests that bring none.</summary>
internal sealed class SeedSource(RandomNumberGenerator random)
{
    /// <summary>Below 2^53, so that clients whose numbers are doubles read the answer's seed exactly.</summary>
    public ulong Next()
    {
        var bytes = new byte[sizeof(ulong)];
        random.GetBytes(bytes);
        return BitConverter.ToUInt64(bytes) >> 11;
    }
}
