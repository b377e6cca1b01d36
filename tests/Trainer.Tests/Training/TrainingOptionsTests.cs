using System.Text.Json.Nodes;
using Factory.Core;
using Factory.Core.Architecture;
using Factory.Trainer.Training;

namespace Factory.Trainer.Tests.Training;

public sealed class TrainingOptionsTests
{
    private static readonly TrainingOptions Nano = TrainingOptions.Of(Preset.Named("nano"), "fp32");

    [Fact]
    public void What_is_given_replaces_the_preset_and_the_rest_stays()
    {
        TrainingOptions options = Nano.With(new JsonObject { ["learning_rate"] = 0.5, ["norm"] = "pre" });
        Assert.Equal(Nano with { LearningRate = 0.5, Norm = "pre" }, options);
    }

    [Fact]
    public void With_fewer_steps_the_warm_up_shrinks_with_them_unless_it_is_given_too()
    {
        Preset preset = Preset.Named("60m");
        Assert.Equal(3, TrainingOptions.Of(preset, "fp32", new JsonObject { ["steps"] = 30L }).WarmupSteps);
        Assert.Equal(7, TrainingOptions.Of(preset, "fp32", new JsonObject { ["steps"] = 30L, ["warmup_steps"] = 7L }).WarmupSteps);
        Assert.Equal(1_000, TrainingOptions.Of(preset, "fp32", []).WarmupSteps);
    }

    [Theory]
    [InlineData("micro_batch_size", 5, "--micro-batch-size: expected a divisor of --batch-size (16), found 5.")]
    [InlineData("steps", 0, "--steps: expected at least 1, found 0.")]
    [InlineData("warmup_steps", -1, "--warmup-steps: expected a number from 0")]
    [InlineData("beta2", 1, "--beta2: expected a number from 0 and below 1, found 1.")]
    public void A_value_out_of_range_is_refused_by_the_name_of_its_option(string key, int value, string expected)
    {
        JsonObject given = new() { ["batch_size"] = 16, [key] = value };
        Assert.Contains(expected, Assert.Throws<UserError>(() => Nano.With(given)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_choice_that_changes_losses_is_refused_on_resume_by_name()
    {
        Dictionary<string, JsonNode> others = new()
        {
            ["preset"] = "60m",
            ["norm"] = "pre",
            ["blocks"] = 3,
            ["steps"] = 7,
            ["batch_size"] = 1,
            ["micro_batch_size"] = 1,
            ["sequence_length"] = 9,
            ["learning_rate"] = 0.5,
            ["warmup_steps"] = 1,
            ["weight_decay"] = 0.5,
            ["beta1"] = 0.5,
            ["beta2"] = 0.5,
            ["clip"] = 0.5,
            ["embedding_std"] = 0.5,
            ["seed"] = 99,
            ["precision"] = "bf16",
        };
        string[] free = ["save_every", "eval_every", "eval_tokens", "keep"];
        Assert.Equal(Nano.ToJson().Select(pair => pair.Key).Order(), others.Keys.Concat(free).Order());
        foreach ((string key, JsonNode value) in others)
        {
            JsonObject json = Nano.ToJson();
            json[key] = value;
            UserError error = Assert.Throws<UserError>(() => Nano.RequireSameRun(System.Text.Json.JsonSerializer.Deserialize<TrainingOptions>(json, SnakeCase)!));
            Assert.StartsWith($"--{key.Replace('_', '-')}: the run was started with", error.Message, StringComparison.Ordinal);
        }
        Nano.RequireSameRun(Nano with { SaveEvery = 3, EvalEvery = 3, EvalTokens = 3, Keep = 3 });
    }

    private static readonly System.Text.Json.JsonSerializerOptions SnakeCase = new() { PropertyNamingPolicy = System.Text.Json.JsonNamingPolicy.SnakeCaseLower };
}
