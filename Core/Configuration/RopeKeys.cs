using Factory.Core.Architecture;

namespace Factory.Core.Configuration;

/// <summary>The rotary keys of config.json in the three dialects in use.</summary>
internal static class RopeKeys
{
    private static readonly HashSet<string> Nothing = [];

    public static (double Theta, RopeScaling? Scaling) Read(ConfigKeys keys)
    {
        double? theta = keys.OptionalNumber("rope_theta");
        ConfigKeys? parameters = keys.OptionalObject("rope_parameters");
        ConfigKeys? scaling = keys.OptionalObject("rope_scaling");
        if (parameters is not null && scaling is not null)
        {
            throw keys.Bad("rope_scaling", "either rope_scaling or rope_parameters", "both");
        }
        if (parameters?.OptionalNumber("rope_theta") is double inner)
        {
            if (theta is double outer && outer != inner)
            {
                throw keys.Bad("rope_theta", "the value of rope_parameters.rope_theta", FormattableString.Invariant($"{outer} and {inner}"));
            }
            theta = inner;
        }
        RequireWholeTurn(keys);
        return (theta ?? 10_000, (parameters ?? scaling) is ConfigKeys block ? ReadScaling(block, keys) : null);
    }

    private static RopeScaling? ReadScaling(ConfigKeys block, ConfigKeys keys)
    {
        string? type = block.OptionalString("rope_type");
        string? oldType = block.OptionalString("type");
        if (type is not null && oldType is not null && type != oldType)
        {
            throw block.Bad("type", $"the value of rope_type ('{type}')", $"'{oldType}'");
        }
        RequireWholeTurn(block);
        RopeScaling? result = null;
        switch (type ?? oldType ?? "default")
        {
            case "default":
                break;
            case "linear":
                result = new RopeScaling.Linear(Positive(block, "factor"));
                break;
            case "llama3":
                result = new RopeScaling.Llama3(
                    Positive(block, "factor"),
                    Positive(block, "low_freq_factor"),
                    Positive(block, "high_freq_factor"),
                    OriginalMaxPositions(block, keys));
                break;
            case "yarn":
                result = ReadYarn(block, keys);
                break;
            case string other:
                throw block.Bad("rope_type", "one of default, linear, llama3, yarn (dynamic and longrope depend on the length so far, which a KV cache cannot take back)", $"'{other}'");
        }
        block.RequireAllRead(Nothing);
        return result;
    }

    private static RopeScaling.Yarn ReadYarn(ConfigKeys block, ConfigKeys keys)
    {
        double factor = Positive(block, "factor");
        double? scale = block.OptionalNumber("mscale");
        double? scaleOfAll = block.OptionalNumber("mscale_all_dim");
        double attention = block.OptionalNumber("attention_factor")
            ?? (scale is > 0 && scaleOfAll is > 0
                ? RopeScaling.Yarn.AttentionFactorFor(factor, scale.Value) / RopeScaling.Yarn.AttentionFactorFor(factor, scaleOfAll.Value)
                : RopeScaling.Yarn.AttentionFactorFor(factor));
        return new RopeScaling.Yarn(
            factor,
            OriginalMaxPositions(block, keys),
            attention > 0 ? attention : throw block.Bad("attention_factor", "a positive number", FormattableString.Invariant($"{attention}")),
            block.OptionalNumber("beta_fast") is double fast and not 0 ? fast : 32,
            block.OptionalNumber("beta_slow") is double slow and not 0 ? slow : 1,
            block.OptionalTruth("truncate") ?? true);
    }

    /// <summary>As transformers: the key beside the block first, then the one in it, then the model's context.</summary>
    private static int OriginalMaxPositions(ConfigKeys block, ConfigKeys keys)
    {
        const string key = "original_max_position_embeddings";
        int inner = block.OptionalWhole(key) ?? keys.Whole("max_position_embeddings");
        int found = keys.OptionalWhole(key) ?? inner;
        return found > 0 ? found : throw block.Bad(key, "a positive whole number", FormattableString.Invariant($"{found}"));
    }

    private static void RequireWholeTurn(ConfigKeys keys)
    {
        if (keys.OptionalNumber("partial_rotary_factor") is double part && part != 1)
        {
            throw keys.Bad("partial_rotary_factor", "1 (every channel turns)", FormattableString.Invariant($"{part}"));
        }
    }

    private static double Positive(ConfigKeys block, string key)
    {
        double value = block.Number(key);
        return value > 0 ? value : throw block.Bad(key, "a positive number", FormattableString.Invariant($"{value}"));
    }
}
