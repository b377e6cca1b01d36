using Factory.Core.Disk;

namespace Factory.Core.Tests.Disk;

public sealed class ManifestTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ManifestTests()
    {
        Directory.CreateDirectory(_folder.At("sub"));
        File.WriteAllText(_folder.At("a.txt"), "alpha");
        File.WriteAllText(_folder.At("sub", "b.txt"), "beta");
        Manifest.Write(_folder.Path, "checkpoint", new Dictionary<string, string> { ["step"] = "7" });
    }

    [Fact]
    public void What_is_written_is_read_again()
    {
        Manifest manifest = Manifest.Read(_folder.Path, "checkpoint");
        Assert.Equal("7", manifest.Facts["step"]);
        Assert.Equal(["a.txt", "sub/b.txt"], manifest.Files.Keys);
        // SHA-256 of "alpha".
        Assert.Equal(new ManifestEntry(5, "8ed3f6ad685b959ead7022518e1af76cd816f8e8ec7ccdda1ed4018e8f2223f8"), manifest.Files["a.txt"]);
    }

    [Fact]
    public void The_content_hash_follows_the_content()
    {
        string before = Manifest.Read(_folder.Path, "checkpoint").ContentHash;
        Assert.Equal(before, Rewrite("7"));
        Assert.Equal(before, Rewrite("8"));
        File.WriteAllText(_folder.At("a.txt"), "alphb");
        Assert.NotEqual(before, Rewrite("7"));

        string Rewrite(string step)
        {
            File.Delete(_folder.At(Manifest.FileName));
            return Manifest.Write(_folder.Path, "checkpoint", new Dictionary<string, string> { ["step"] = step }).ContentHash;
        }
    }

    [Fact]
    public void A_missing_file_is_refused()
    {
        File.Delete(_folder.At("sub", "b.txt"));
        AssertRefused("b.txt", "found none");
    }

    [Fact]
    public void A_truncated_file_is_refused()
    {
        File.WriteAllText(_folder.At("a.txt"), "alph");
        AssertRefused("a.txt", "expected 5 bytes");
    }

    [Fact]
    public void A_changed_byte_is_refused_where_hashes_are_checked()
    {
        File.WriteAllText(_folder.At("a.txt"), "alphb");
        AssertRefused("a.txt", "SHA-256");
        Assert.NotNull(Manifest.Read(_folder.Path, "checkpoint", checkHashes: false));
    }

    [Fact]
    public void Another_kind_is_refused()
    {
        string message = Assert.ThrowsAny<UserError>(() => Manifest.Read(_folder.Path, "bundle")).Message;
        Assert.Contains("expected a bundle, found a checkpoint", message, StringComparison.Ordinal);
        Assert.ThrowsAny<UserError>(() => Manifest.ReadKind(_folder.Path, "bundle"));
    }

    [Fact]
    public void A_directory_without_a_manifest_is_refused()
    {
        File.Delete(_folder.At(Manifest.FileName));
        AssertRefused(_folder.Path, "none in it");
        Assert.Contains("no such directory", Assert.ThrowsAny<UserError>(() => Manifest.Read(_folder.At("nowhere"), "checkpoint")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"format_version\": 1", "\"format_version\": 2", "format version 1, found 2")]
    [InlineData("\"kind\"", "\"knid\"", "manifest in JSON")]
    [InlineData("\"kind\": \"checkpoint\"", "\"kind\": \"checkpoint\", \"kind\": \"checkpoint\"", "manifest in JSON")]
    [InlineData("\"a.txt\"", "\"../a.txt\"", "names inside the directory")]
    [InlineData("{", "[", "manifest in JSON")]
    public void A_damaged_manifest_is_refused(string old, string changed, string expected)
    {
        string path = _folder.At(Manifest.FileName);
        File.WriteAllText(path, File.ReadAllText(path).Replace(old, changed, StringComparison.Ordinal));
        AssertRefused(path, expected);
    }

    public void Dispose() => _folder.Dispose();

    private void AssertRefused(params string[] expected)
    {
        string message = Assert.ThrowsAny<UserError>(() => Manifest.Read(_folder.Path, "checkpoint")).Message;
        Assert.All(expected, part => Assert.Contains(part, message, StringComparison.Ordinal));
        Assert.DoesNotContain('\n', message);
    }
}
