using System.Formats.Tar;
using System.IO.Compression;
using Factory.Evals.Tests.Commands;

namespace Factory.Evals.Tests.Data;

/// <summary>Evals data fetch against a server on loopback that serves the real files.</summary>
public sealed class DataFetchTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task A_set_is_fetched_checked_and_recorded_and_not_fetched_twice()
    {
        byte[] passages = await File.ReadAllBytesAsync(GoldenData.At("lambada_openai", "lambada_test.jsonl"), TestContext.Current.CancellationToken);
        using var server = new LoopbackFiles(new() { ["lambada_test.jsonl"] = passages });
        EvalsProcess first = await FetchAsync(server, 0, "lambada_openai");
        Assert.Contains("lambada_openai from openaipublic.blob.core.windows.net. Licence: MIT", first.Output, StringComparison.Ordinal);
        Assert.Equal(passages, await File.ReadAllBytesAsync(_folder.At("data", "lambada_openai", "lambada_test.jsonl"), TestContext.Current.CancellationToken));
        Assert.Contains("4aa8d02cd17c719165fc8a7887fddd641f43fcafa4b1c806ca8abc31fabdb226  lambada_openai/lambada_test.jsonl", await File.ReadAllTextAsync(_folder.At("data", "lambada_openai", "FETCHED.txt"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Contains("all files are there already", (await FetchAsync(server, 0, "lambada_openai")).Output, StringComparison.Ordinal);
        Assert.Single(server.Starts);
        Assert.Equal(2, Directory.GetFileSystemEntries(_folder.At("data", "lambada_openai")).Length);
    }

    [Fact]
    public async Task A_download_that_breaks_off_goes_on_where_it_was()
    {
        byte[] passages = await File.ReadAllBytesAsync(GoldenData.At("lambada_openai", "lambada_test.jsonl"), TestContext.Current.CancellationToken);
        using var server = new LoopbackFiles(new() { ["lambada_test.jsonl"] = passages });
        server.Breaks.Enqueue(400_000);
        server.Breaks.Enqueue(300_000);
        await FetchAsync(server, 0, "lambada_openai");
        Assert.Equal(3, server.Starts.Count);
        Assert.True(server.Starts[1] > 0 && server.Starts[2] > server.Starts[1]);
        Assert.Equal(passages, await File.ReadAllBytesAsync(_folder.At("data", "lambada_openai", "lambada_test.jsonl"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Another_content_is_refused_and_nothing_of_it_kept()
    {
        using var server = new LoopbackFiles(new() { ["lambada_test.jsonl"] = "{\"text\":\"forged words\"}\n"u8.ToArray() });
        EvalsProcess run = await FetchAsync(server, 2, "lambada_openai");
        Assert.Contains("expected lambada_openai/lambada_test.jsonl with SHA-256 4aa8d02c", run.Errors, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.At("data", "lambada_openai", "lambada_test.jsonl")));
    }

    [Fact]
    public async Task Archives_are_opened_and_what_has_no_published_checksum_is_held_against_the_first_fetch()
    {
        using var zip = new MemoryStream();
        using (var archive = new ZipArchive(zip, ZipArchiveMode.Create, leaveOpen: true))
        {
            Add(archive, "__MACOSX/winogrande_1.1/dev.jsonl", "shadow"u8.ToArray());
            Add(archive, "winogrande_1.1/dev.jsonl", await File.ReadAllBytesAsync(GoldenData.At("winogrande", "dev.jsonl"), TestContext.Current.CancellationToken));
            Add(archive, "winogrande_1.1/train_xl.jsonl", "{\"sentence\":\"a _ b\",\"option1\":\"x\",\"option2\":\"y\",\"answer\":\"1\"}\n"u8.ToArray());
        }
        using var server = new LoopbackFiles(new() { ["winogrande_1.1.zip"] = zip.ToArray() });
        await FetchAsync(server, 0, "winogrande");
        Assert.Equal("1aeac79cf46a3dcbe59a71ca7e5372a1490cde2b4ae2387dc56f00378104d2e8", Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(await File.ReadAllBytesAsync(_folder.At("data", "winogrande", "dev.jsonl"), TestContext.Current.CancellationToken))));
        await File.AppendAllTextAsync(_folder.At("data", "winogrande", "train_xl.jsonl"), "x", TestContext.Current.CancellationToken);
        Assert.Contains("train_xl.jsonl: expected the published file", (await FetchAsync(server, 2, "winogrande")).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_subjects_of_mmlu_come_out_of_one_archive()
    {
        using var tar = new MemoryStream();
        using (var archive = new TarWriter(tar, leaveOpen: true))
        {
            foreach (string part in (string[])["dev", "test"])
            {
                foreach (string file in Directory.EnumerateFiles(GoldenData.At("mmlu", "data", part), "*.csv"))
                {
                    await archive.WriteEntryAsync(file, $"data/{part}/{Path.GetFileName(file)}", TestContext.Current.CancellationToken);
                }
            }
        }
        using var server = new LoopbackFiles(new() { ["data.tar"] = tar.ToArray() });
        EvalsProcess run = await FetchAsync(server, 0, "mmlu");
        Assert.Contains("mmlu: 114 files written.", run.Output, StringComparison.Ordinal);
        Assert.Single(server.Starts);
    }

    [Theory]
    [InlineData("perplexity", "expected a task with a published data set, found perplexity")]
    [InlineData("piqua", "Did you mean 'piqa'?")]
    public async Task A_task_without_a_home_is_named(string task, string expected)
    {
        using var server = new LoopbackFiles([]);
        Assert.Contains(expected, (await FetchAsync(server, 2, task)).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_one_line()
    {
        using var server = new LoopbackFiles([]);
        EvalsProcess run = await FetchAsync(server, 2, "lambada_openai");
        Assert.StartsWith($"{server.Address}lambada_test.jsonl: expected the file, found: ", run.Errors.TrimEnd().Split('\n')[^1], StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private async Task<EvalsProcess> FetchAsync(LoopbackFiles server, int exit, string task)
    {
        EvalsProcess run = await EvalsProcess.RunAsync(_folder.Path, "", "data", "fetch", task, "--data", "data", "--mirror", server.Address);
        Assert.Equal((exit, exit == 0 ? "" : run.Errors), (run.ExitCode, run.ExitCode == 0 ? "" : run.Errors));
        return run;
    }

    private static void Add(ZipArchive archive, string name, byte[] content)
    {
        using Stream entry = archive.CreateEntry(name).Open();
        entry.Write(content);
    }
}
