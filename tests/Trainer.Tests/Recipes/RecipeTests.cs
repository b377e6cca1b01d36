using System.Text.Json;
using Factory.Core;
using Factory.Core.Architecture;
using Factory.Trainer.Recipes;

namespace Factory.Trainer.Tests.Recipes;

public sealed class RecipeTests
{
    private static readonly Recipe Nano = Resolve();

    [Fact]
    public void What_is_given_replaces_the_default_and_the_rest_stays()
    {
        Recipe recipe = Resolve(("learning_rate", "0.5"), ("norm", "pre"));
        Assert.Equal(Nano with { Schedule = Nano.Schedule with { LearningRate = 0.5 }, Model = Nano.Model with { Norm = "pre" } }, recipe);
    }

    [Fact]
    public void The_papers_recipe_is_that_of_its_scripts()
    {
        Recipe paper = Resolve(("recipe", "paper"), ("preset", "130m"));
        Assert.Equal((512, 256, RowLayout.Documents), (paper.Data.BatchSize, paper.Data.SequenceLength, paper.Data.Rows));
        Assert.Equal(new OptimizerRecipe { Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-8, WeightDecay = 0, Clip = 0 }, paper.Optimizer);
        Assert.Equal((1e-3, 2_000L, 20_000L, 0.1), (paper.Schedule.LearningRate, paper.Schedule.WarmupSteps, paper.Schedule.Steps, paper.Schedule.MinLrRatio));
        Assert.Equal((5e-4, 1_000L, 100_000L), Course("1b"));
        Assert.Equal((1e-3, 4_000L, 40_000L), Course("250m"));

        static (double, long, long) Course(string preset)
        {
            ScheduleRecipe schedule = Resolve(("recipe", "paper"), ("preset", preset)).Schedule;
            return (schedule.LearningRate, schedule.WarmupSteps, schedule.Steps);
        }
    }

    [Fact]
    public void The_modern_recipe_decays_clips_and_packs()
    {
        Assert.Equal(new OptimizerRecipe { Beta1 = 0.9, Beta2 = 0.95, Epsilon = 1e-8, WeightDecay = 0.1, Clip = 1 }, Nano.Optimizer);
        Assert.Equal(RowLayout.Packed, Nano.Data.Rows);
    }

    [Fact]
    public void Every_preset_is_sound_under_every_recipe()
    {
        foreach (string preset in Preset.All.Select(preset => preset.Name))
        {
            foreach (string recipe in RecipeDefaults.Names)
            {
                Assert.Equal(preset, Resolve(("recipe", recipe), ("preset", preset)).Model.Preset);
            }
        }
    }

    [Fact]
    public void With_other_steps_warm_up_and_decay_keep_their_share_unless_they_are_given_too()
    {
        Assert.Equal(3, Resolve(("preset", "60m"), ("steps", "30")).Schedule.WarmupSteps);
        Assert.Equal(7, Resolve(("preset", "60m"), ("steps", "30"), ("warmup_steps", "7")).Schedule.WarmupSteps);
        Assert.Equal(1_000, Resolve(("preset", "60m")).Schedule.WarmupSteps);
        Assert.Equal((20L, 20L), (Resolve(("schedule", "wsd"), ("steps", "200")).Schedule.DecaySteps, Resolve(("steps", "200")).Schedule.WarmupSteps));
    }

    [Theory]
    [InlineData("48", 24)]
    [InlineData("7", 7)]
    [InlineData("37", 1)]
    [InlineData("512", 32)]
    public void A_given_batch_size_is_never_blamed_on_the_micro_batch_that_nobody_gave(string batch, int expected) =>
        Assert.Equal(expected, Resolve(("preset", "60m"), ("batch_size", batch)).Data.MicroBatchSize);

    [Fact]
    public void The_command_line_comes_over_the_file_and_the_file_over_the_preset()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.At("r.json"), """{ "model": { "preset": "60m" }, "schedule": { "learning_rate": 0.25, "steps": 77 }, "seed": 5 }""");
        Recipe recipe = Recipe.Resolve(RecipeJson.ReadFile(folder.At("r.json")).With(new RecipeChanges().Set("steps", "88")), Precision.Fp32);
        Assert.Equal(("60m", 512, 0.25, 88L, 5UL), (recipe.Model.Preset, recipe.Model.HiddenSize, recipe.Schedule.LearningRate, recipe.Schedule.Steps, recipe.Run.Seed));
    }

    [Fact]
    public void A_recipe_reads_back_as_it_was_written_and_as_a_file_for_config()
    {
        Recipe recipe = Resolve(("recipe", "paper"), ("preset", "20m"), ("norm", "pre"), ("learning_rate", "0.000123456789012345"), ("precision", "pure-bf16"), ("seed", "18446744073709551615"), ("paper_eval", "true"));
        string json = RecipeJson.Write(recipe).ToJsonString();
        using JsonDocument document = JsonDocument.Parse(json);
        Assert.Equal(recipe, RecipeJson.ReadStored(document.RootElement, "test"));
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.At("r.json"), json);
        Assert.Equal(recipe, Recipe.Resolve(RecipeJson.ReadFile(folder.At("r.json")), Precision.Fp32));
    }

    [Fact]
    public void The_flat_options_of_older_checkpoints_are_read()
    {
        using JsonDocument old = JsonDocument.Parse("""
            {"preset":"nano","norm":"lns","blocks":2,"steps":40,"batch_size":4,"micro_batch_size":2,"sequence_length":16,"learning_rate":0.003,"warmup_steps":4,"weight_decay":0.1,
             "beta1":0.9,"beta2":0.95,"clip":1,"embedding_std":0.02,"seed":1,"precision":"fp32","save_every":10,"eval_every":8,"eval_tokens":100,"keep":2}
            """);
        Recipe recipe = RecipeJson.ReadStored(old.RootElement, "test");
        Assert.Equal((2, 40L, 2, 100L), (recipe.Model.Blocks, recipe.Schedule.Steps, recipe.Data.MicroBatchSize, recipe.Run.EvalTokens));
    }

    [Theory]
    [InlineData("""{"lerning_rate":1}""", "lerning_rate: expected a setting of a recipe")]
    [InlineData("""{"optimizer":{"steps":1}}""", "optimizer.steps: expected in 'schedule', found in 'optimizer'")]
    [InlineData("""{"steps":"4"}""", "steps: expected a number, found \"4\"")]
    [InlineData("""{"steps":4,"steps":5}""", "expected a recipe as a JSON object")]
    [InlineData("""{"norm":null}""", "norm: expected a string, found null")]
    [InlineData("""{"paper_eval":1}""", "paper_eval: expected true or false, found 1")]
    [InlineData("""{"rows":"padded"}""", "rows: expected packed or documents, found padded")]
    [InlineData("""{"norm":"\ud800"}""", "expected a recipe in well-formed Unicode")]
    [InlineData("[]", "expected a recipe as a JSON object, found Array")]
    public void A_file_that_is_no_recipe_is_refused_by_file_and_key(string json, string expected)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.At("r.json"), json);
        string message = Assert.Throws<UserError>(() => RecipeJson.ReadFile(folder.At("r.json"))).Message;
        Assert.StartsWith(folder.At("r.json"), message, StringComparison.Ordinal);
        Assert.Contains(expected, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("micro_batch_size", "5", "expected a divisor of the batch size (4), found 5.")]
    [InlineData("steps", "0", "expected at least 1, found 0.")]
    [InlineData("steps", "many", "expected at least 1, found many.")]
    [InlineData("warmup_steps", "-1", "expected 0 or more, found -1.")]
    [InlineData("warmup_steps", "600", "expected less than the steps (600), found 600.")]
    [InlineData("beta2", "1", "expected a number from 0 and below 1, found 1.")]
    [InlineData("clip", "NaN", "expected 0 (off) or a positive number, found NaN.")]
    [InlineData("learning_rate", "Infinity", "expected a positive number, found Infinity.")]
    [InlineData("kv_heads", "3", "expected a divisor of the heads (4), found 3.")]
    [InlineData("heads", "5", "expected a number that cuts the hidden size (128)")]
    [InlineData("preset", "9b", "expected one of nano")]
    [InlineData("recipe", "best", "expected one of modern, paper")]
    [InlineData("norm", "batch", "expected one of")]
    public void A_value_out_of_range_is_refused_by_the_name_of_its_setting(string setting, string value, string expected)
    {
        SettingError error = Assert.Throws<SettingError>(() => Resolve((setting, value)));
        Assert.Equal(setting, error.Setting);
        Assert.Contains(expected, error.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_choice_that_changes_losses_is_refused_on_resume_by_name()
    {
        string[] free =
        [
            "steps", "recompute", "save_every", "keep", "eval_every", "eval_tokens", "paper_eval", "patience", "on_spike", "spike_z", "log_every", "sample_every", "sample_prompt", "tensorboard",
        ];
        Assert.Equal(free.Order(), RecipeSettings.All.Where(setting => setting.MayChange).Select(setting => setting.Name).Order());
        Dictionary<string, string> words = new()
        {
            ["recipe"] = "paper",
            ["preset"] = "60m",
            ["norm"] = "pre",
            ["tie_embeddings"] = "true",
            ["as_run"] = "true",
            ["rows"] = "documents",
            ["schedule"] = "wsd",
            ["precision"] = "bf16",
            ["method"] = "lora",
            ["template"] = "chat",
            ["lora_targets"] = "o_proj",
            ["lora_rank_stabilized"] = "true",
        };
        foreach (Setting setting in RecipeSettings.All.Where(setting => !setting.MayChange))
        {
            Recipe other = new RecipeChanges().Set(setting.Name, words.GetValueOrDefault(setting.Name, "7")).Over(Nano);
            Assert.NotEqual(Nano, other);
            SettingError error = Assert.Throws<SettingError>(() => Nano.RequireSameRun(other));
            Assert.Equal(setting.Name == "heads" ? "heads" : setting.Name, error.Setting);
            Assert.StartsWith("the run was started with", error.Problem, StringComparison.Ordinal);
        }
        Nano.RequireSameRun(Nano with { Run = Nano.Run with { SaveEvery = 3, EvalEvery = 3, EvalTokens = 3, Keep = 3 } });
    }

    internal static Recipe Resolve(params (string Name, string Value)[] given)
    {
        var changes = new RecipeChanges();
        foreach ((string name, string value) in given)
        {
            changes.Set(name, value);
        }
        return Recipe.Resolve(changes, Precision.Fp32);
    }
}
