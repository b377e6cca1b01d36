using System.Diagnostics;
using Factory.Core.Checkpoints;

namespace Factory.Exporter.Tests;

/// <summary>Exports that are stopped, killed or doubled half-way: an older bundle stays whole, and nothing half-written stays for good.</summary>
public sealed class InterruptionTests : IDisposable
{
    // Large enough to draw text from for a second or more.
    private static readonly string[] Slow = ["--checkpoint", "runs/x", "--output", "models/x", "--precision", "int8"];

    private readonly TemporaryFolder _folder = new();

    public InterruptionTests() => TestCheckpoint
        .Random(TestModel.Tiny with { HiddenSize = 128, IntermediateSize = 352, BlockCount = 12, VocabularySize = 2000, MaxPositions = 256 })
        .Write(CheckpointFolder.OfStep(_folder.At("runs", "x"), 3));

    [Fact]
    public async Task Ctrl_C_leaves_nothing_behind()
    {
        using Process export = await StartHalfWayAsync();
        IgnoredSignal.SkipIfIgnored(export.Id, 2);
        using (Process kill = Process.Start("kill", ["-INT", $"{export.Id}"]))
        {
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
        await export.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(130, export.ExitCode);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.At("models")));
    }

    [Fact]
    public async Task What_a_killed_export_left_goes_with_the_next_one_which_the_old_bundle_outlives_until_then()
    {
        ExporterProcess first = await ExporterProcess.RunAsync(_folder.Path, "--checkpoint", "runs/x", "--output", "models/x");
        Assert.Equal("", first.ExitCode == 0 ? "" : first.Errors);
        using (Process export = await StartHalfWayAsync())
        {
            export.Kill();
            await export.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
        Assert.NotEmpty(HalfWritten());
        Assert.Equal(0, (await ExporterProcess.RunAsync(_folder.Path, "verify", "--model", "models/x")).ExitCode);

        Assert.Equal(0, (await ExporterProcess.RunAsync(_folder.Path, "--checkpoint", "runs/x", "--output", "models/x")).ExitCode);
        Assert.Empty(HalfWritten());
    }

    [Fact]
    public async Task Of_two_exports_to_one_place_the_second_is_refused_and_the_first_is_whole()
    {
        using Process first = await StartHalfWayAsync();
        ExporterProcess second = await ExporterProcess.RunAsync(_folder.Path, Slow);
        Assert.Equal(2, second.ExitCode);
        Assert.Contains("models/x: expected to be its only writer", second.Errors.TrimEnd().Split('\n')[^1], StringComparison.Ordinal);
        await first.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, first.ExitCode);
        Assert.Equal(0, (await ExporterProcess.RunAsync(_folder.Path, "verify", "--model", "models/x")).ExitCode);
    }

    public void Dispose() => _folder.Dispose();

    private string[] HalfWritten() => Directory.Exists(_folder.At("models")) ? Directory.GetFileSystemEntries(_folder.At("models"), ".x.*.writing") : [];

    /// <summary>Starts the export and returns when it has begun to write.</summary>
    private async Task<Process> StartHalfWayAsync()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs Unix's signals and file locks");
        Directory.CreateDirectory(_folder.At("models"));
        using var watcher = new FileSystemWatcher(_folder.At("models")) { EnableRaisingEvents = true };
        using var changed = new SemaphoreSlim(0);
        watcher.Created += (_, _) => changed.Release();
        Process export = ExporterProcess.Start(_folder.Path, Slow);
        Task end = export.WaitForExitAsync(TestContext.Current.CancellationToken);
        while (HalfWritten().Length == 0 && !end.IsCompleted)
        {
            await Task.WhenAny(end, changed.WaitAsync(TestContext.Current.CancellationToken));
        }
        Assert.False(end.IsCompleted, "The export ended before it could be interrupted.");
        return export;
    }
}
