using System.Text.Json;
using Factory.Core;
using Factory.Core.Architecture;
using Factory.Core.Disk;

namespace Factory.Trainer.Import;

/// <summary>generation_config.json: where a generation ends, which counts more than config.json, and how the model's makers sample.</summary>
internal static class GenerationConfig
{
    public const string FileName = "generation_config.json";

    /// <summary>They would change which tokens can come; Factory's requests have no such thing.</summary>
    private static readonly string[] Refused =
    [
        "bad_words_ids", "suppress_tokens", "begin_suppress_tokens", "forced_bos_token_id", "forced_eos_token_id", "forced_decoder_ids", "sequence_bias",
        "no_repeat_ngram_size", "encoder_no_repeat_ngram_size", "exponential_decay_length_penalty", "guidance_scale", "stop_strings",
    ];

    private static readonly string[] Sampling = ["temperature", "top_k", "top_p", "min_p", "typical_p", "repetition_penalty", "min_length", "min_new_tokens"];

    /// <summary>The architecture with the tokens that the file names; as it is where there is no file.</summary>
    /// <exception cref="UserError">The file is malformed or asks for what Factory does not do.</exception>
    public static LlamaArchitecture Apply(string folder, LlamaArchitecture architecture)
    {
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            return architecture;
        }
        using JsonDocument document = Parse(path);
        JsonElement root = document.RootElement;
        foreach (string key in Refused)
        {
            if (root.TryGetProperty(key, out JsonElement value) && !SaysNothing(value))
            {
                throw new UserError($"{path}: {key}: expected none, since Factory does not generate with it, found {value.GetRawText()}. Remove the key to import the weights without it.");
            }
        }
        int[]? ends = Tokens(path, root, "eos_token_id");
        int[]? begins = Tokens(path, root, "bos_token_id");
        return (architecture with
        {
            EosTokenIds = ends ?? architecture.EosTokenIds,
            BosTokenId = begins is [int bos] ? bos : architecture.BosTokenId,
        }).Validate(path);
    }

    /// <summary>What the file says of sampling, to be told to the user: "temperature 0.7, top_p 0.8"; null where it says nothing.</summary>
    public static string? DescribeSampling(string folder)
    {
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            return null;
        }
        using JsonDocument document = Parse(path);
        string[] settings = [.. Sampling.Where(key => document.RootElement.TryGetProperty(key, out JsonElement value) && !SaysNothing(value)).Select(key => $"{key} {document.RootElement.GetProperty(key).GetRawText()}")];
        return settings.Length == 0 ? null : string.Join(", ", settings);
    }

    private static bool SaysNothing(JsonElement value) =>
        value.ValueKind is JsonValueKind.Null or JsonValueKind.False || value.GetRawText() is "0" or "1" or "1.0" or "0.0" or "[]" or "{}";

    private static int[]? Tokens(string path, JsonElement root, string key)
    {
        if (!root.TryGetProperty(key, out JsonElement value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }
        JsonElement[] items = value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : [value];
        return items.Length > 0 && items.All(item => item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out _))
            ? [.. items.Select(item => item.GetInt32())]
            : throw new UserError($"{path}: {key}: expected a token id or an array of them, found {value.GetRawText()}.");
    }

    private static JsonDocument Parse(string path)
    {
        try
        {
            JsonDocument document = JsonDocument.Parse(InputFile.ReadAllBytes(path), new JsonDocumentOptions { AllowDuplicateProperties = false });
            return document.RootElement.ValueKind == JsonValueKind.Object ? document : throw new JsonException("no object");
        }
        catch (JsonException error)
        {
            throw new UserError($"{path}: expected a JSON object with distinct keys, found something else: {JsonProblem.Describe(error)} Fetch the file again.", error);
        }
    }
}
