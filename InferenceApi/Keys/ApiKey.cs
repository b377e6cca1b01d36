using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Factory.InferenceApi.Keys;

/// <summary>A key as the server keeps it: never the key itself. Its 256 random bits need no slow hash.</summary>
/// <param name="Id">First characters of the key: what people call it by, and no secret.</param>
/// <param name="Name">Whose or what for.</param>
/// <param name="Scopes">What it allows.</param>
/// <param name="Sha256">Lower-case SHA-256 of the key.</param>
/// <param name="Created">When it was made.</param>
/// <param name="Revoked">When it stopped working; null while it works.</param>
internal sealed record ApiKey(string Id, string Name, IReadOnlyList<Scope> Scopes, string Sha256, DateTimeOffset Created, DateTimeOffset? Revoked)
{
    private const string Prefix = "fk-";
    private const int IdLength = 8;

    /// <summary>Draws a key.</summary>
    /// <returns>What the server keeps, and the key, which is shown once.</returns>
    public static (ApiKey Kept, string Key) Create(string name, IReadOnlyList<Scope> scopes, DateTimeOffset now)
    {
        string id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdLength / 2));
        string key = $"{Prefix}{id}-{Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32))}";
        return (new ApiKey(id, name, scopes, Hash(key), now, Revoked: null), key);
    }

    public static string Hash(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    public bool Allows(Scope scope) => scope == Scope.Any || Scopes.Contains(scope) || Scopes.Contains(Scope.Admin);
}
