using System.Diagnostics;
using Factory.Core.Checkpoints;

namespace Factory.Exporter.Tests;

/// <summary>Where a bundle may be written and from where it may be read, as people spell paths.</summary>
public sealed class OutputPlaceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _checkpoint;

    public OutputPlaceTests() => _checkpoint = TestCheckpoint.Random(TestModel.Tiny).Write(CheckpointFolder.OfStep(_folder.At("runs", "x"), 3));

    [Fact]
    public async Task Slashes_at_the_end_change_nothing_and_printed_commands_can_be_pasted()
    {
        ExporterProcess export = await ExporterProcess.RunAsync(_folder.Path, "--checkpoint", _checkpoint + "/", "--output", "models/my x/");
        Assert.Equal("", export.ExitCode == 0 ? "" : export.Errors);
        Assert.Contains("--model 'models/my x/'", export.Output, StringComparison.Ordinal);
        foreach (string spelt in new[] { "models/my x/", "models/my x//", "models/../models/my x" })
        {
            Assert.Equal(0, (await ExporterProcess.RunAsync(_folder.Path, "verify", "--model", spelt)).ExitCode);
        }
        ExporterProcess byDefault = await ExporterProcess.RunAsync(_folder.Path, "--checkpoint", _checkpoint + "/");
        Assert.Equal(0, byDefault.ExitCode);
        Assert.True(Directory.Exists(_folder.At("models", "x-step-00000003")), byDefault.Output);
    }

    [Fact]
    public async Task Links_and_empty_folders_are_written_through()
    {
        Directory.CreateDirectory(_folder.At("empty"));
        Directory.CreateDirectory(_folder.At("disk", "bundle"));
        Directory.CreateSymbolicLink(_folder.At("link"), _folder.At("disk", "bundle"));
        foreach (string output in new[] { "empty", "link", "link/" })
        {
            ExporterProcess export = await ExporterProcess.RunAsync(_folder.Path, "--checkpoint", "runs/x/", "--output", output);
            Assert.Equal("", export.ExitCode == 0 ? "" : export.Errors);
        }
        Assert.True(File.Exists(_folder.At("disk", "bundle", "manifest.json")));
        Assert.NotNull(new FileInfo(_folder.At("link")).LinkTarget);
    }

    [Theory]
    [InlineData("", "--output: expected a directory to write, found an empty name.")]
    [InlineData(".", "--output: expected a directory that can be replaced as a whole")]
    [InlineData("..", "--output: expected a directory that can be replaced as a whole")]
    [InlineData("runs/x", "--output: expected a new directory or bundle to replace, found runs/x")]
    [InlineData("runs/x/checkpoints/step-00000003/bundle", "--output: expected a directory apart from")]
    [InlineData("file", "--output: expected a directory to write, found a file at file.")]
    [InlineData("file/below", "file/below: expected a place to write a directory")]
    [InlineData("/dev/null", "--output: expected a directory to write, found a file at /dev/null.")]
    public async Task Other_places_are_refused_in_one_line(string output, string expected)
    {
        await File.WriteAllTextAsync(_folder.At("file"), "mine", TestContext.Current.CancellationToken);
        AssertRefused(await ExporterProcess.RunAsync(_folder.Path, "--checkpoint", _checkpoint, "--output", output), expected);
        Assert.Equal("mine", await File.ReadAllTextAsync(_folder.At("file"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_mount_point_is_refused_before_the_export()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "needs Linux and root, to mount");
        Directory.CreateDirectory(_folder.At("mounted"));
        Assert.SkipUnless(await RunAsync("mount", "-t", "tmpfs", "tmpfs", _folder.At("mounted")) == 0, "this machine lets nobody mount");
        try
        {
            AssertRefused(await ExporterProcess.RunAsync(_folder.Path, "--checkpoint", _checkpoint, "--output", "mounted/"), "found the mount point mounted/");
            // Below it there is nothing in the way.
            Assert.Equal(0, (await ExporterProcess.RunAsync(_folder.Path, "--checkpoint", _checkpoint, "--output", "mounted/new")).ExitCode);
        }
        finally
        {
            await RunAsync("umount", _folder.At("mounted"));
        }
    }

    [Fact]
    public async Task A_disk_too_small_for_the_bundle_is_one_line_and_nothing_is_left()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "needs Linux and root, to mount");
        Directory.CreateDirectory(_folder.At("small"));
        Assert.SkipUnless(await RunAsync("mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", _folder.At("small")) == 0, "this machine lets nobody mount");
        try
        {
            AssertRefused(await ExporterProcess.RunAsync(_folder.Path, "--checkpoint", _checkpoint, "--output", "small/new"), "The disk is full");
            Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.At("small")));
        }
        finally
        {
            await RunAsync("umount", _folder.At("small"));
        }
    }

    [Theory]
    [InlineData("model.safetensors")]
    [InlineData("config.json")]
    [InlineData("manifest.json")]
    public async Task A_file_that_a_user_may_not_read_is_named_in_one_line(string name)
    {
        Directory.CreateDirectory(_folder.At("out"));
        UnixMode.Set(_folder.At("out"), 0b111_111_111);
        UnixMode.Set(Path.Combine(_checkpoint, name), 0);
        AssertRefused(await ExporterProcess.RunUnprivilegedAsync(_folder.Path, "--checkpoint", _checkpoint, "--output", "out/x"), name);
    }

    [Fact]
    public async Task Files_that_are_read_only_are_copied_and_a_folder_without_rights_is_named()
    {
        Directory.CreateDirectory(_folder.At("out"));
        UnixMode.Set(_folder.At("out"), 0b111_111_111);
        foreach (string file in Directory.EnumerateFiles(_checkpoint))
        {
            UnixMode.Set(file, 0b100_100_100);
        }
        ExporterProcess export = await ExporterProcess.RunUnprivilegedAsync(_folder.Path, "--checkpoint", _checkpoint, "--output", "out/x");
        Assert.Equal("", export.ExitCode == 0 ? "" : export.Errors);
        AssertRefused(await ExporterProcess.RunUnprivilegedAsync(_folder.Path, "--checkpoint", _checkpoint, "--output", "models/x"), "models/x: expected a place to write a directory");
    }

    public void Dispose() => _folder.Dispose();

    private static async Task<int> RunAsync(string command, params string[] arguments)
    {
        using Process process = Process.Start(command, arguments);
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    private static void AssertRefused(ExporterProcess process, string expected)
    {
        Assert.Equal(2, process.ExitCode);
        Assert.Equal("", process.Output);
        Assert.Contains(expected, process.Errors.TrimEnd().Split('\n')[^1], StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", process.Errors, StringComparison.Ordinal);
    }
}
