using System.CommandLine;
using System.Text.Json.Nodes;
using Factory.Core.Architecture;
using Factory.Core.Architecture.Methods;
using Factory.Trainer.Training;

namespace Factory.Trainer.Commands;

/// <summary>The options of <c>pretrain</c> that become <see cref="TrainingOptions"/>: those given, by key. What is not given comes from the preset or from the resumed run.</summary>
internal sealed class PretrainOptions
{
    private readonly List<(Option Option, Func<ParseResult, JsonNode?> Read)> _options = [];

    public PretrainOptions()
    {
        Preset nano = Preset.All[0];
        string Presets(Func<Preset, object> value) => string.Join(", ", Preset.All.Select(preset => FormattableString.Invariant($"{preset.Name} {value(preset)}")));
        Text("preset", $"Model size and recipe: {string.Join(", ", Preset.All.Select(preset => preset.Name))} (all but nano are the paper's). [default: {nano.Name}]");
        Text("norm", $"Normalization scheme: {string.Join(", ", NormSchemes.Names)}. [default: lns]");
        Number<int>("blocks", $"Depth of the model. [default: {Presets(preset => preset.BlockCount)}]");
        Number<long>("steps", $"Updates. [default: {Presets(preset => preset.Steps)}]");
        Number<int>("batch-size", $"Sequences per update. [default: {Presets(preset => preset.BatchSize)}]");
        Number<int>("micro-batch-size", $"Sequences per forward pass; gradients are averaged over an update's passes. [default: {Presets(preset => preset.MicroBatchSize)}]");
        Number<int>("sequence-length", $"Tokens predicted per sequence. [default: {Presets(preset => preset.SequenceLength)}]");
        Number<double>("learning-rate", $"Peak of the schedule: linear warm-up from 0, cosine to a tenth. [default: {Presets(preset => preset.PeakLearningRate)}]");
        Number<long>("warmup-steps", $"Updates of the warm-up. [default: {Presets(preset => preset.WarmupSteps)}; with --steps the same share of them]");
        Number<double>("weight-decay", $"Decoupled decay of matrices. [default: {Presets(preset => preset.WeightDecay)}]");
        Number<double>("beta1", "Adam's decay of the mean of gradients. [default: 0.9]");
        Number<double>("beta2", $"Adam's decay of the mean of squared gradients. [default: {Presets(preset => preset.Beta2)}]");
        Number<double>("clip", $"Largest norm of the gradient; 0 never clips. [default: {Presets(preset => preset.Clip)}]");
        Number<double>("embedding-std", "Deviation of the initial token embeddings; the paper's tables used 0.632 (the root of 2/5). [default: 0.02]");
        Number<ulong>("seed", "Seed of the initial weights and of the order of the data. [default: 1]");
        Text("precision", "fp32, or bf16: bfloat16 products with float32 weights (on a CPU without avx512_bf16 or AMX many times slower than fp32). [default: fp32 on the CPU, bf16 on CUDA]");
        Number<long>("save-every", $"Updates between checkpoints. [default: {Presets(preset => preset.SaveEvery)}]");
        Number<long>("eval-every", $"Updates between validations. [default: {Presets(preset => preset.EvalEvery)}]");
        Number<long>("eval-tokens", $"Validation tokens per validation, at most. [default: {Presets(preset => preset.EvalTokens)}]");
        Number<int>("keep", "Checkpoints kept, the newest. [default: 2]");
    }

    public void AddTo(Command command)
    {
        foreach ((Option option, _) in _options)
        {
            command.Options.Add(option);
        }
    }

    /// <summary>The options that were given.</summary>
    public JsonObject Given(ParseResult parsed)
    {
        var given = new JsonObject();
        foreach ((Option option, Func<ParseResult, JsonNode?> read) in _options)
        {
            if (parsed.GetResult(option) is not null)
            {
                given[option.Name[2..].Replace('-', '_')] = read(parsed);
            }
        }
        return given;
    }

    private void Text(string name, string description)
    {
        var option = new Option<string>($"--{name}") { Description = description };
        _options.Add((option, parsed => parsed.GetRequiredValue(option)));
    }

    private void Number<T>(string name, string description) where T : struct
    {
        var option = new Option<T>($"--{name}") { Description = description, HelpName = "number" };
        _options.Add((option, parsed => JsonValue.Create(parsed.GetRequiredValue(option))));
    }
}
