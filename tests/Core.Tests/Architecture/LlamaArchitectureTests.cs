using Factory.Core.Architecture;
using Factory.Core.Architecture.Methods;

namespace Factory.Core.Tests.Architecture;

public class LlamaArchitectureTests
{
    private static readonly LlamaArchitecture Sound = new()
    {
        VocabularySize = 100,
        HiddenSize = 32,
        IntermediateSize = 64,
        BlockCount = 1,
        Heads = 4,
        KeyValueHeads = 2,
        HeadSize = 8,
        MaxPositions = 64,
        NormScheme = NormSchemes.Pre,
    };

    public static TheoryData<string> Keys =>
    [
        "vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads", "head_dim", "max_position_embeddings",
        "rms_norm_eps", "rope_theta", "initializer_range", "bos_token_id", "eos_token_id",
    ];

    [Fact]
    public void A_sound_model_passes() => Assert.Same(Sound, Sound.Validate("here"));

    [Theory]
    [MemberData(nameof(Keys))]
    public void A_bad_number_is_refused_by_its_key(string key)
    {
        LlamaArchitecture bad = key switch
        {
            "vocab_size" => Sound with { VocabularySize = 0 },
            "hidden_size" => Sound with { HiddenSize = -1 },
            "intermediate_size" => Sound with { IntermediateSize = 0 },
            "num_hidden_layers" => Sound with { BlockCount = 0 },
            "num_attention_heads" => Sound with { Heads = 0 },
            "num_key_value_heads" => Sound with { KeyValueHeads = 3 },
            "head_dim" => Sound with { HeadSize = 7 },
            "max_position_embeddings" => Sound with { MaxPositions = 0 },
            "rms_norm_eps" => Sound with { RmsNormEpsilon = double.NaN },
            "rope_theta" => Sound with { RopeTheta = double.PositiveInfinity },
            "initializer_range" => Sound with { InitializerRange = 0 },
            "bos_token_id" => Sound with { BosTokenId = 100 },
            "eos_token_id" => Sound with { EosTokenIds = [2, -1] },
            _ => throw new ArgumentOutOfRangeException(nameof(key)),
        };
        Assert.StartsWith($"here: {key}: expected", Assert.Throws<UserError>(() => bad.Validate("here")).Message, StringComparison.Ordinal);
    }
}
