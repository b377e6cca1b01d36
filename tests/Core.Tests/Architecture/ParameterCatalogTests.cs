using Factory.Core.Architecture;
using Factory.Core.Architecture.Methods;
using Factory.Core.Safetensors;

namespace Factory.Core.Tests.Architecture;

public class ParameterCatalogTests
{
    private static readonly LlamaArchitecture Grouped = new()
    {
        VocabularySize = 100,
        HiddenSize = 48,
        IntermediateSize = 112,
        BlockCount = 2,
        Heads = 6,
        KeyValueHeads = 2,
        HeadSize = 16,
        MaxPositions = 64,
        NormScheme = NormSchemes.Lns,
    };

    [Fact]
    public void The_order_is_that_of_a_hugging_face_state_dict()
    {
        string[] block = ["input_layernorm", "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj", "post_attention_layernorm", "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"];
        string[] expected =
        [
            "model.embed_tokens.weight",
            .. block.Select(name => $"model.layers.0.{name}.weight"),
            .. block.Select(name => $"model.layers.1.{name}.weight"),
            "model.norm.weight",
            "lm_head.weight",
        ];
        Assert.Equal(expected, Grouped.Parameters.Select(parameter => parameter.Name));
    }

    [Fact]
    public void Shapes_are_outputs_by_inputs_with_grouped_heads_of_their_own_size()
    {
        Dictionary<string, long[]> shapes = Grouped.Parameters.Where(parameter => parameter.Block is null or 1).ToDictionary(parameter => parameter.Name.Replace("model.layers.1.", "", StringComparison.Ordinal), parameter => parameter.Shape.ToArray());
        Assert.Equal([100, 48], shapes["model.embed_tokens.weight"]);
        Assert.Equal([96, 48], shapes["self_attn.q_proj.weight"]);
        Assert.Equal([32, 48], shapes["self_attn.k_proj.weight"]);
        Assert.Equal([32, 48], shapes["self_attn.v_proj.weight"]);
        Assert.Equal([48, 96], shapes["self_attn.o_proj.weight"]);
        Assert.Equal([112, 48], shapes["mlp.gate_proj.weight"]);
        Assert.Equal([112, 48], shapes["mlp.up_proj.weight"]);
        Assert.Equal([48, 112], shapes["mlp.down_proj.weight"]);
        Assert.Equal([48], shapes["model.norm.weight"]);
        Assert.Equal([100, 48], shapes["lm_head.weight"]);
    }

    [Fact]
    public void A_tied_model_has_no_head_of_its_own()
    {
        ParameterCatalog tied = (Grouped with { TieEmbeddings = true }).Parameters;
        Assert.DoesNotContain(tied, parameter => parameter.Role == ParameterRole.Head);
        Assert.Equal(Grouped.Parameters.TotalCount - (100 * 48), tied.TotalCount);
    }

    [Theory]
    [InlineData("llama_mha_untied")]
    [InlineData("llama3_rope_gqa_tied")]
    public void A_published_checkpoint_holds_exactly_the_catalog(string folder)
    {
        string directory = GoldenData.At("hf_golden", folder);
        using SafetensorsReader reader = SafetensorsReader.Open(Path.Combine(directory, "model.safetensors"));
        ParameterCatalog catalog = Factory.Core.Configuration.ConfigJson.Read(directory).Parameters;
        Assert.Equal(catalog.Select(parameter => parameter.Name).Order(StringComparer.Ordinal), reader.Entries.Select(entry => entry.Name).Order(StringComparer.Ordinal));
        Assert.All(catalog, parameter => Assert.Equal(parameter.Shape, reader.Entry(parameter.Name).Shape));
    }
}
