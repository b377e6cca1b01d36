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
                    block.OptionalWhole("original_max_position_embeddings") ?? keys.Whole("original_max_position_embeddings"));
                break;
            case string other:
                throw block.Bad("rope_type", "one of default, linear, llama3", $"'{other}'");
        }
        block.RequireAllRead(Nothing);
        return result;
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
