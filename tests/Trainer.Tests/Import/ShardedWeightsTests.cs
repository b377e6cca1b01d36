using System.Text.Json;
using Factory.Core;
using Factory.Core.Architecture;
using Factory.Core.Checkpoints;
using Factory.Trainer.Import;

namespace Factory.Trainer.Tests.Import;

public sealed class ShardedWeightsTests : IDisposable
{
    private const string First = "model-00001-of-00002.safetensors";
    private const string Second = "model-00002-of-00002.safetensors";

    private readonly TemporaryFolder _folder = new();
    private readonly string _model;

    public ShardedWeightsTests()
    {
        _model = HandMadeFolder.Create(_folder);
        HandMadeFolder.WriteWeights(Path.Combine(_model, First), HandMadeFolder.Catalog().Take(4));
        HandMadeFolder.WriteWeights(Path.Combine(_model, Second), HandMadeFolder.Catalog().Skip(4));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Shards_hold_together_what_one_file_would()
    {
        WriteIndex(RightMap());
        using HuggingFaceFolder source = HuggingFaceFolder.Open(_model);
        Assert.All(HandMadeFolder.Catalog(), parameter =>
        {
            var values = new float[parameter.Count];
            source.Read(parameter, 0, values);
            Assert.Equal(HandMadeFolder.Values(parameter), values);
        });
    }

    [Fact]
    public void A_tensor_listed_in_the_wrong_shard_is_refused_by_name()
    {
        Dictionary<string, string> map = RightMap();
        map[ParameterCatalog.Embedding] = Second;
        WriteIndex(map);
        Assert.Contains($"'{ParameterCatalog.Embedding}'", Refused(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_tensor_that_no_shard_holds_is_refused_by_name()
    {
        Dictionary<string, string> map = RightMap();
        map["model.layers.9.mlp.up_proj.weight"] = First;
        WriteIndex(map);
        Assert.Contains("expected 'model.layers.9.mlp.up_proj.weight'", Refused(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_tensor_that_the_index_does_not_list_is_refused_by_name()
    {
        Dictionary<string, string> map = RightMap();
        map.Remove(ParameterCatalog.FinalNorm);
        WriteIndex(map);
        Assert.Contains($"found '{ParameterCatalog.FinalNorm}'", Refused(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_shard_is_named()
    {
        WriteIndex(RightMap());
        File.Delete(Path.Combine(_model, Second));
        Assert.Contains(Second, Refused(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../outside.safetensors")]
    [InlineData("/tmp/outside.safetensors")]
    [InlineData("sub/inside.safetensors")]
    [InlineData("..\\outside.safetensors")]
    [InlineData("pytorch_model.bin")]
    public void A_shard_outside_the_folder_or_of_another_kind_is_refused(string shard)
    {
        Dictionary<string, string> map = RightMap();
        map[ParameterCatalog.FinalNorm] = shard;
        WriteIndex(map);
        Assert.Contains("in the same folder", Refused(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{ \"weight_map\": [] }")]
    [InlineData("{ \"weight_map\": {}, \"weights\": {} }")]
    [InlineData("{ \"weight_map\": { \"a\": \"a.safetensors\", \"a\": \"b.safetensors\" } }")]
    [InlineData("{ \"weight_map\": { \"a\": 1 } }")]
    [InlineData("{ \"weight_map\"")]
    public void A_malformed_index_is_refused_with_its_path(string json)
    {
        File.WriteAllText(Path.Combine(_model, ShardIndex.FileName), json);
        Assert.StartsWith(Path.Combine(_model, ShardIndex.FileName), Refused(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_index_beside_a_single_file_is_refused()
    {
        WriteIndex(RightMap());
        HandMadeFolder.WriteWeights(Path.Combine(_model, CheckpointFolder.WeightsFile), HandMadeFolder.Catalog());
        Assert.Contains("found both", Refused(), StringComparison.Ordinal);
    }

    private static Dictionary<string, string> RightMap() =>
        HandMadeFolder.Catalog().Select((parameter, i) => (parameter.Name, Shard: i < 4 ? First : Second)).ToDictionary(item => item.Name, item => item.Shard);

    private void WriteIndex(Dictionary<string, string> map) =>
        File.WriteAllText(Path.Combine(_model, ShardIndex.FileName), JsonSerializer.Serialize(new { metadata = new { total_size = 0 }, weight_map = map }));

    private string Refused() => Assert.Throws<UserError>(() => HuggingFaceFolder.Open(_model).Dispose()).Message;
}
