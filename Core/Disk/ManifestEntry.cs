namespace Factory.Core.Disk;

/// <summary>One file of a directory: bytes and lower-case SHA-256.</summary>
public sealed record ManifestEntry(long Length, string Sha256);
