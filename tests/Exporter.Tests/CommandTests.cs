using System.Text.Json;
using Factory.Core.Checkpoints;
using Factory.Core.Disk;

namespace Factory.Exporter.Tests;

/// <summary>The commands as the README gives them, in a directory of their own.</summary>
public sealed class CommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Without_options_the_latest_run_becomes_the_latest_model_and_verifies()
    {
        string run = WriteRun("story");
        LatestName.Write(run, Assert.Fail);

        ExporterProcess export = await ExporterProcess.RunAsync(_folder.Path);
        Assert.Equal("", export.ExitCode == 0 ? "" : export.Errors);
        string bundle = Path.Combine("models", "story");
        Assert.Contains($"--model {bundle}", export.Output, StringComparison.Ordinal);
        Assert.Equal(_folder.At(bundle), LatestName.Read(_folder.At("models"), ""));

        ExporterProcess verify = await ExporterProcess.RunAsync(_folder.Path, "verify", "--model", bundle);
        Assert.Equal(0, verify.ExitCode);
        Assert.Contains("largest relative logit difference", verify.Output, StringComparison.Ordinal);

        ExporterProcess inspect = await ExporterProcess.RunAsync(_folder.Path, "inspect", "--json");
        using JsonDocument graph = JsonDocument.Parse(inspect.Output);
        Assert.Equal(TestModel.Tiny.BlockCount, graph.RootElement.GetProperty("nodes").GetProperty("GroupQueryAttention").GetInt32());
    }

    [Fact]
    public async Task A_damaged_bundle_is_refused_in_one_line_with_exit_code_2()
    {
        string bundle = TestBundle.Export(_folder, TestCheckpoint.Random(TestModel.Tiny));
        File.Delete(Path.Combine(bundle, "model.onnx.data"));
        ExporterProcess verify = await ExporterProcess.RunAsync(_folder.Path, "verify", "--model", bundle);
        Assert.Equal(2, verify.ExitCode);
        Assert.Equal("", verify.Output);
        Assert.Contains("model.onnx.data", Assert.Single(verify.Errors.Trim().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_standard_output_that_takes_nothing_is_named_and_the_bundle_is_whole()
    {
        string run = WriteRun("story");
        ExporterProcess export = await ExporterProcess.RunIntoFullDeviceAsync(_folder.Path, "--checkpoint", run, "--output", "bundle");
        Assert.Equal(2, export.ExitCode);
        Assert.StartsWith("Standard output: ", export.Errors.Trim().Split('\n')[^1], StringComparison.Ordinal);
        Assert.Equal(0, (await ExporterProcess.RunAsync(_folder.Path, "verify", "--model", "bundle")).ExitCode);
    }

    [Fact]
    public async Task Without_a_finished_run_the_error_says_how_to_train_one()
    {
        ExporterProcess export = await ExporterProcess.RunAsync(_folder.Path);
        Assert.Equal(2, export.ExitCode);
        Assert.Contains("--project Trainer -- pretrain", Assert.Single(export.Errors.Trim().Split('\n')), StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.At("models")));
    }

    [Fact]
    public async Task A_precision_that_does_not_exist_is_refused_by_the_names_of_those_that_do()
    {
        ExporterProcess export = await ExporterProcess.RunAsync(_folder.Path, "--precision", "int3");
        Assert.Equal(2, export.ExitCode);
        Assert.Equal("--precision: expected one of fp32, fp16, bf16, int8, int4, int4-rtn, auto, found 'int3'.", export.Errors.Trim());
    }

    [Fact]
    public async Task Help_lists_verbs_and_options()
    {
        ExporterProcess help = await ExporterProcess.RunAsync(_folder.Path, "--help");
        Assert.Equal(0, help.ExitCode);
        Assert.All(["verify", "inspect", "--checkpoint", "--output", "--precision", "runs/latest", "fp32"], word => Assert.Contains(word, help.Output, StringComparison.Ordinal));
    }

    [Fact]
    public void A_chosen_step_names_the_bundle_after_run_and_step()
    {
        string run = WriteRun("story");
        string step = CheckpointFolder.OfStep(run, 7);
        Assert.Equal("story", BundleName.For(run, step));
        Assert.Equal("story-step-00000007", BundleName.For(step, step));
        Assert.Equal("imported", BundleName.For(_folder.At("imported/"), _folder.At("imported/")));
    }

    public void Dispose() => _folder.Dispose();

    private string WriteRun(string name)
    {
        string run = _folder.At("runs", name);
        TestCheckpoint.Random(TestModel.Tiny).Write(CheckpointFolder.OfStep(run, 7));
        return run;
    }
}
