using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Factory.Core;
using Factory.Core.Safetensors;
using Factory.Trainer.Buffers;
using Factory.Trainer.Model;
using Factory.Trainer.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Factory.Trainer.FineTuning;

/// <summary>LoRA adapters of a model's projections. The model's own weights are frozen; files are those of PEFT.</summary>
public sealed class LowRankAdapters : IAdapters
{
    public const string WeightsFile = "adapter_model.safetensors";
    public const string ConfigFile = "adapter_config.json";

    private readonly LlamaModel _model;
    private readonly LoraRecipe _recipe;
    private readonly List<(string Name, Projection Projection, LowRankUpdate Update)> _updates = [];

    /// <summary>Puts fresh adapters on the projections that <paramref name="recipe"/> names: A as PEFT draws it (Kaiming uniform with a = sqrt(5)), B zero.</summary>
    public LowRankAdapters(LlamaModel model, LoraRecipe recipe, ulong seed)
    {
        (_model, _recipe) = (model, recipe);
        foreach (Parameter weight in model.Weights.Values)
        {
            weight.requires_grad = false;
        }
        using var generator = new Generator(seed, CPU);
        foreach ((string name, nn.Module module) in model.named_modules())
        {
            if (module is Projection projection && recipe.Targets.Contains(name.Split('.')[^1]))
            {
                (long outputs, long inputs) = (projection.Weight.shape[0], projection.Weight.shape[1]);
                using Tensor drawn = (torch.rand([recipe.Rank, inputs], ScalarType.Float32, CPU, generator: generator) * 2 - 1) / Math.Sqrt(inputs);
                var update = new LowRankUpdate(NewParameter(drawn), NewParameter(zeros(outputs, recipe.Rank)), recipe.Scale);
                projection.Update = update;
                _updates.Add((name, projection, update));
            }
        }
        All = [.. _updates.SelectMany(update => new[]
        {
            new TrainableParameter($"{update.Name}.lora_A.weight", update.Update.A, BlockOf(update.Name)),
            new TrainableParameter($"{update.Name}.lora_B.weight", update.Update.B, BlockOf(update.Name)),
        })];
        Buffer = new ParameterBuffer(All.Select(parameter => parameter.Value), model.Placement.IsFused);
    }

    public IReadOnlyList<TrainableParameter> All { get; }

    public ParameterBuffer Buffer { get; }

    public IReadOnlyList<TrainableParameter> At(long step) => All;

    public IDisposable Merge()
    {
        using var noGradient = no_grad();
        var kept = new List<(Projection Projection, LowRankUpdate Update, Tensor Weight)>();
        foreach ((_, Projection projection, LowRankUpdate update) in _updates)
        {
            kept.Add((projection, update, projection.Weight.detach().clone().DetachFromDisposeScope()));
            using Tensor value = update.Value;
            projection.Weight.add_(value.to(projection.Weight.dtype));
            projection.Update = null;
        }
        return new Merged(kept);
    }

    /// <summary>Writes adapter_config.json and adapter_model.safetensors.</summary>
    /// <param name="baseModel">Where the model came from.</param>
    public void Write(string directory, string baseModel)
    {
        WeightFile.Write(Path.Combine(directory, WeightsFile), [.. All.Select(parameter => ($"base_model.model.{parameter.Name}", (Tensor)parameter.Value))], new Dictionary<string, string> { ["format"] = "pt" });
        var config = new JsonObject
        {
            ["peft_type"] = "LORA",
            ["task_type"] = "CAUSAL_LM",
            ["base_model_name_or_path"] = baseModel,
            ["r"] = _recipe.Rank,
            ["lora_alpha"] = _recipe.Alpha,
            ["use_rslora"] = _recipe.RankStabilized,
            ["target_modules"] = new JsonArray([.. _recipe.Targets.Select(target => (JsonNode)target)]),
            ["lora_dropout"] = 0.0,
            ["bias"] = "none",
            ["fan_in_fan_out"] = false,
            ["init_lora_weights"] = true,
            ["inference_mode"] = true,
            ["modules_to_save"] = null,
        };
        File.WriteAllText(Path.Combine(directory, ConfigFile), config.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n");
    }

    /// <summary>Takes the values of a file that <see cref="Write"/> or PEFT wrote.</summary>
    /// <exception cref="UserError">A tensor is missing, or has another shape.</exception>
    public void Read(string directory)
    {
        using SafetensorsReader reader = SafetensorsReader.Open(Path.Combine(directory, WeightsFile));
        using var noGradient = no_grad();
        foreach (TrainableParameter parameter in All)
        {
            using Tensor stored = WeightFile.Read(reader, $"base_model.model.{parameter.Name}");
            if (!stored.shape.SequenceEqual(parameter.Value.shape))
            {
                throw new UserError($"{reader.Path}: expected '{parameter.Name}' of shape [{string.Join(", ", parameter.Value.shape)}], found [{string.Join(", ", stored.shape)}].");
            }
            parameter.Value.copy_(stored);
        }
    }

    public void Dispose()
    {
        foreach ((_, Projection projection, LowRankUpdate update) in _updates)
        {
            projection.Update = null;
            update.A.Dispose();
            update.B.Dispose();
        }
        Buffer.Dispose();
    }

    private Parameter NewParameter(Tensor start)
    {
        using Tensor placed = start.to(_model.Placement.Parameters).to(_model.Placement.Device);
        return new Parameter(placed.detach().clone().DetachFromDisposeScope());
    }

    private static int? BlockOf(string name) =>
        name.Split('.') is [_, "layers", string number, ..] && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int block) ? block : null;

    private sealed class Merged(List<(Projection Projection, LowRankUpdate Update, Tensor Weight)> kept) : IDisposable
    {
        public void Dispose()
        {
            using var noGradient = no_grad();
            foreach ((Projection projection, LowRankUpdate update, Tensor weight) in kept)
            {
                projection.Weight.copy_(weight);
                projection.Update = update;
                weight.Dispose();
            }
        }
    }
}
