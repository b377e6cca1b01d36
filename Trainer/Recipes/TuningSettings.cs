namespace Factory.Trainer.Recipes;

/// <summary>The part of the table of settings that only fine-tuning has.</summary>
internal static class TuningSettings
{
    private static readonly string[] Targets = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"];

    public static IReadOnlyList<Setting> All { get; } =
    [
        Of("method", "full (all weights), lisa (some blocks at a time, with embeddings, final norm and head) or lora (low-rank adapters, saved in PEFT's format and merged).",
            tuning => tuning.Method, (tuning, value) => tuning with { Method = value }, Any, "full, lisa or lora"),
        Of("template", $"Form of the prompt: {string.Join(", ", TuningRecipe.Templates)}; stored with the model as a Hugging Face chat template.",
            tuning => tuning.Template, (tuning, value) => tuning with { Template = value }, TuningRecipe.Templates.Contains, $"one of {string.Join(", ", TuningRecipe.Templates)}"),
        Of("epochs", "How often each row is seen; the steps follow from it unless they are given.", tuning => tuning.Epochs, (tuning, value) => tuning with { Epochs = value }, value => value is > 0 and < 1e6, "a positive number"),
        Of("validation_fraction", "Part of the rows to hold out, chosen by the hash of their text.",
            tuning => tuning.ValidationFraction, (tuning, value) => tuning with { ValidationFraction = value }, value => value is >= 0 and <= 0.5, "a number from 0 to 0.5"),
        Of("lisa_blocks", "LISA: blocks trained at a time.", tuning => tuning.LisaBlocks, (tuning, value) => tuning with { LisaBlocks = value }, value => value >= 1, "at least 1"),
        Of("lisa_every", "LISA: updates between draws of the blocks.", tuning => tuning.LisaEvery, (tuning, value) => tuning with { LisaEvery = value }, value => value >= 1, "at least 1"),
        Of("lora_rank", "LoRA: rank of the adapters.", tuning => tuning.LoraRank, (tuning, value) => tuning with { LoraRank = value }, value => value is >= 1 and <= 4096, "a number from 1 to 4096"),
        Of("lora_alpha", "LoRA: the adapters are scaled by alpha / rank.", tuning => tuning.LoraAlpha, (tuning, value) => tuning with { LoraAlpha = value }, value => value > 0 && double.IsFinite(value), "a positive number"),
        Of("lora_targets", $"LoRA: projections with adapters, with commas between them: {string.Join(", ", Targets)}.",
            tuning => tuning.LoraTargets, (tuning, value) => tuning with { LoraTargets = value }, value => value.Split(',').All(Targets.Contains), $"some of {string.Join(",", Targets)}"),
        Of("lora_rank_stabilized", "LoRA: scale by alpha / sqrt(rank) (rsLoRA).", tuning => tuning.LoraRankStabilized, (tuning, value) => tuning with { LoraRankStabilized = value }, Any, "true or false"),
    ];

    private static TypedSetting<T> Of<T>(string name, string help, Func<TuningRecipe, T> get, Func<TuningRecipe, T, TuningRecipe> with, Func<T, bool> holds, string expected) where T : notnull =>
        new(RecipeSettings.Tuning, name, help, false, recipe => get(recipe.Tuning), (recipe, value) => recipe with { Tuning = with(recipe.Tuning, value) }, holds, expected);

    private static bool Any<T>(T value) => true;
}
