using Factory.Core.Checkpoints;
using Factory.Core.Configuration;
using Factory.Core.Journal;
using Factory.Trainer.Tests.Commands;

namespace Factory.Trainer.Tests.FineTuning;

/// <summary>The command as a user starts it, on a small model of the LNS method.</summary>
public sealed class FinetuneCommandTests(UninterruptedRun pretrained) : IClassFixture<UninterruptedRun>
{
    [Theory]
    [InlineData("full")]
    [InlineData("lisa")]
    [InlineData("lora")]
    public async Task A_model_is_tuned_on_answers_and_a_run_killed_in_the_middle_ends_in_the_same_weights(string method)
    {
        using var folder = new TemporaryFolder();
        string[] questions = [.. Enumerable.Range(0, 60).Select(i => $$"""{"instruction":"Is {{i}} even?","input":"","output":"the correct answer is {{(i % 2 == 0 ? "true" : "false")}}"}""")];
        await File.WriteAllTextAsync(folder.At("rows.jsonl"), string.Join('\n', questions), TestContext.Current.CancellationToken);
        string[] arguments =
        [
            "finetune", "--checkpoint", pretrained.At("runs", "x"), "--data", "rows.jsonl", "--method", method, "--template", "chat", "--epochs", "2", "--batch-size", "4", "--sequence-length", "64",
            "--learning-rate", "0.01", "--eval-every", "10", "--save-every", "6", "--validation-fraction", "0.2", "--lisa-blocks", "1", "--lora-targets", "q_proj,v_proj,down_proj", "--threads", "2",
            "--precision", "fp32", "--kernels", "plain",
        ];
        (int exitCode, string output, string errors) = await TrainerProcess.RunAsync(folder.Path, [.. arguments, "--output", "whole"]);
        Assert.True(exitCode == 0, errors);
        Assert.Contains("rows to train on", errors, StringComparison.Ordinal);
        Assert.Contains("--project Exporter", output, StringComparison.Ordinal);
        StepRecord[] steps = [.. JournalFile.Read(folder.At("whole")).OfType<StepRecord>()];
        ValidationRecord[] held = [.. JournalFile.Read(folder.At("whole")).OfType<ValidationRecord>()];
        Assert.True(held[^1].Loss < held[0].Loss, $"{held[0].Loss} → {held[^1].Loss}");
        Assert.InRange(steps.Length, 20, 30);

        using (TrainerProcess trainer = TrainerProcess.Start(folder.Path, [.. arguments, "--output", "killed"]))
        {
            await trainer.WaitForLinesAsync(11, "killed", "metrics.jsonl");
            trainer.Kill();
            await trainer.EndAsync();
        }
        (exitCode, _, errors) = await TrainerProcess.RunAsync(folder.Path, [.. arguments, "--output", "killed", "--resume"]);
        Assert.True(exitCode == 0, errors);
        string expected = CheckpointFolder.Resolve(folder.At("whole"));
        string found = CheckpointFolder.Resolve(folder.At("killed"));
        foreach (string file in new[] { "model.safetensors", "optimizer.safetensors" }.Concat(method == "lora" ? ["adapter_model.safetensors"] : []))
        {
            Assert.Equal(await File.ReadAllBytesAsync(Path.Combine(expected, file), TestContext.Current.CancellationToken), await File.ReadAllBytesAsync(Path.Combine(found, file), TestContext.Current.CancellationToken));
        }
        Assert.Equal("lns", ConfigJson.Read(expected).NormScheme.Name);
        Assert.Contains("User: ", await File.ReadAllTextAsync(Path.Combine(expected, "chat_template.jinja"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(method == "lora", File.Exists(Path.Combine(expected, "adapter_config.json")));
    }

    [Theory]
    [InlineData("--data", "none.json", "none.json: expected a file of instructions, found no such file")]
    [InlineData("--method", "dora", "--method: expected full, lisa or lora, found dora.")]
    [InlineData("--lora-targets", "q_proj,c_attn", "--lora-targets: expected some of q_proj")]
    [InlineData("--warmup-steps", "500", "--warmup-steps: expected less than the steps (1), found 500.")]
    [InlineData("--config", "model.json", "model.json: norm: expected settings of fine-tuning, found one of the model, which is the checkpoint's. Remove it.")]
    public async Task What_cannot_be_tuned_is_said_in_one_line(string option, string value, string expected)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.At("rows.json"), """[{"instruction":"x","output":"y"}]""", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(folder.At("model.json"), """{"model":{"norm":"pre"}}""", TestContext.Current.CancellationToken);
        string[] data = option == "--data" ? [] : ["--data", "rows.json"];
        (int exitCode, _, string errors) = await TrainerProcess.RunAsync(folder.Path, ["finetune", "--checkpoint", pretrained.At("runs", "x"), .. data, option, value]);
        Assert.Equal(2, exitCode);
        Assert.Contains(expected, errors, StringComparison.Ordinal);
        Assert.Equal(["model.json", "rows.json"], Directory.EnumerateFileSystemEntries(folder.Path).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task Settings_of_fine_tuning_are_refused_where_a_model_is_trained_from_scratch()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.At("tuning.json"), """{"tuning":{"method":"lora"}}""", TestContext.Current.CancellationToken);
        (int exitCode, _, string errors) = await TrainerProcess.RunAsync(folder.Path, "pretrain", "--dry-run", "--config", "tuning.json");
        Assert.Equal((2, "tuning.json: method: expected settings of training from scratch, found one of fine-tuning. Remove it."), (exitCode, errors.Trim()));
    }
}
