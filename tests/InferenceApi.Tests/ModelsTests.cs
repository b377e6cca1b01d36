using System.Text.Json;

namespace Factory.InferenceApi.Tests;

public sealed class ModelsTests(ModelFixture model)
{
    [Fact]
    public async Task The_served_model_is_described_by_what_its_bundle_says()
    {
        string json = await model.Server.Client.GetStringAsync("/models", TestContext.Current.CancellationToken);
        JsonElement described = Assert.Single(JsonElement.Parse(json).GetProperty("models").EnumerateArray());

        Assert.Equal(Path.GetFileName(model.Bundle), described.GetProperty("name").GetString());
        Assert.Equal("ready", described.GetProperty("state").GetString());
        Assert.Equal("lns", described.GetProperty("norm_scheme").GetString());
        Assert.Equal("fp32", described.GetProperty("precision").GetString());
        Assert.Equal("cpu", described.GetProperty("provider").GetString());
        Assert.Equal(model.Window, described.GetProperty("context_length").GetInt32());
        Assert.Equal(model.Model.Bundle.Manifest.ContentHash, described.GetProperty("content_hash").GetString());
        Assert.Equal(model.Model.Bundle.Architecture.Parameters.TotalCount, described.GetProperty("parameters").GetInt64());
        Assert.Equal(
            $$"""{"vocabulary_size":{{TestTokenizer.VocabularySize}},"hidden_size":20,"intermediate_size":28,"blocks":3,"heads":4,"key_value_heads":2,"head_size":8}""",
            described.GetProperty("architecture").GetRawText());
    }
}
