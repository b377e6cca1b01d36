using Factory.Core.Disk;

namespace Factory.Core.Tests.Disk;

public sealed class InputFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void What_cannot_be_opened_is_said_in_one_line()
    {
        Assert.Equal($"{_folder.At("none")}: expected a tokenizer, found no such file.", Refusal(_folder.At("none")));
        Assert.Equal($"{_folder.Path}: expected a tokenizer, found a directory.", Refusal(_folder.Path));
        Assert.Equal(": expected a tokenizer, found an empty name.", Refusal(""));
        Assert.Contains("expected a tokenizer, found one that cannot be read", Refusal(_folder.At(new string('n', 300))), StringComparison.Ordinal);

        static string Refusal(string path) => Assert.Throws<UserError>(() => InputFile.Open(path, "a tokenizer").Dispose()).Message;
    }

    [Fact]
    public void A_copy_of_a_protected_file_can_be_written_and_removed()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("modes of Unix");
            return;
        }
        File.WriteAllText(_folder.At("model"), "pieces");
        File.SetUnixFileMode(_folder.At("model"), UnixFileMode.UserRead);
        InputFile.CopyTo(_folder.At("model"), _folder.At("copy"));
        Assert.Equal("pieces", File.ReadAllText(_folder.At("copy")));
        Assert.True(File.GetUnixFileMode(_folder.At("copy")).HasFlag(UnixFileMode.UserWrite));
    }

    public void Dispose() => _folder.Dispose();
}
