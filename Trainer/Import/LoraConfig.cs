using System.Text.Json;
using System.Text.RegularExpressions;
using Factory.Core;
using Factory.Core.Disk;

namespace Factory.Trainer.Import;

/// <summary>adapter_config.json of PEFT: how much of each product of two small matrices is added to a weight (LoRA, arXiv 2106.09685).</summary>
internal sealed class LoraConfig
{
    public const string FileName = "adapter_config.json";

    private static readonly HashSet<string> Harmless =
    [
        "auto_mapping", "base_model_name_or_path", "inference_mode", "init_lora_weights", "layers_pattern", "layers_to_transform", "lora_dropout", "megatron_core",
        "modules_to_save", "peft_version", "qalora_group_size", "revision", "target_modules", "exclude_modules", "task_type", "loftq_config", "ensure_weight_tying",
    ];

    private readonly double _alpha;
    private readonly double? _rank;
    private readonly bool _rankStabilized;
    private readonly List<(Regex Module, double Value)> _alphas = [];
    private readonly List<(Regex Module, double Value)> _ranks = [];

    private LoraConfig(string path, JsonElement root)
    {
        foreach (JsonProperty property in root.EnumerateObject())
        {
            switch (property.Name)
            {
                case "peft_type" when property.Value.ValueKind == JsonValueKind.String && property.Value.GetString() == "LORA":
                case "bias" when property.Value.ValueKind == JsonValueKind.String && property.Value.GetString() == "none":
                    break;
                case "r" when property.Value.ValueKind == JsonValueKind.Number:
                    _rank = property.Value.GetDouble();
                    break;
                case "rank_pattern" when property.Value.ValueKind == JsonValueKind.Object:
                    _ranks.AddRange(Patterns(path, property));
                    break;
                case "lora_alpha" when property.Value.ValueKind == JsonValueKind.Number:
                    _alpha = property.Value.GetDouble();
                    break;
                case "use_rslora" when property.Value.ValueKind is JsonValueKind.True or JsonValueKind.False:
                    _rankStabilized = property.Value.GetBoolean();
                    break;
                case "alpha_pattern" when property.Value.ValueKind == JsonValueKind.Object:
                    _alphas.AddRange(Patterns(path, property));
                    break;
                case string name when !Harmless.Contains(name) && property.Value.ValueKind is not (JsonValueKind.Null or JsonValueKind.False) && property.Value.GetRawText() is not ("{}" or "[]" or "0" or "0.0"):
                    throw new UserError($"{path}: {name}: expected a plain LoRA adapter (peft_type LORA, bias none) without it, found {property.Value.GetRawText()}.");
            }
        }
        if (!root.TryGetProperty("lora_alpha", out _) || !root.TryGetProperty("peft_type", out _))
        {
            throw new UserError($"{path}: expected peft_type and lora_alpha, found neither or one of them. Is this a PEFT adapter?");
        }
    }

    /// <exception cref="UserError">There is none, or it is another kind of adapter.</exception>
    public static LoraConfig Read(string folder)
    {
        string path = Path.Combine(folder, FileName);
        try
        {
            using JsonDocument document = JsonDocument.Parse(InputFile.ReadAllBytes(path, "a PEFT adapter's configuration"), new JsonDocumentOptions { AllowDuplicateProperties = false });
            return document.RootElement.ValueKind == JsonValueKind.Object ? new LoraConfig(path, document.RootElement) : throw new JsonException("no object");
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException)
        {
            throw new UserError($"{path}: expected a PEFT adapter's configuration in JSON, found something else: {error.Message}", error);
        }
    }

    /// <summary>Factor on the product of a module's two matrices: alpha / rank, or alpha / sqrt(rank) for rsLoRA (arXiv 2312.03732).</summary>
    /// <param name="module">Such as "model.layers.0.self_attn.q_proj".</param>
    public double Scale(string module, long rank)
    {
        double alpha = Find(_alphas, module) ?? _alpha;
        return alpha / (_rankStabilized ? Math.Sqrt(rank) : rank);
    }

    /// <summary>The rank that a module's matrices have; null where none is said.</summary>
    /// <param name="module">As of <see cref="Scale"/>.</param>
    public double? Rank(string module) => Find(_ranks, module) ?? _rank;

    private static double? Find(List<(Regex Module, double Value)> patterns, string module) =>
        patterns.Where(pattern => pattern.Module.IsMatch(module)).Select(pattern => (double?)pattern.Value).FirstOrDefault();

    private static IEnumerable<(Regex Module, double Value)> Patterns(string path, JsonProperty patterns) =>
        patterns.Value.EnumerateObject().Select(item => (Pattern(path, patterns.Name, item.Name), item.Value.GetDouble()));

    /// <summary>PEFT matches a pattern against the end of a module's name, from a dot on.</summary>
    private static Regex Pattern(string path, string key, string pattern)
    {
        try
        {
            return new Regex($@"^(?:.*\.)?(?:{pattern})$", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
        }
        catch (ArgumentException error)
        {
            throw new UserError($"{path}: {key}: expected a regular expression, found '{pattern}': {error.Message}", error);
        }
    }
}
