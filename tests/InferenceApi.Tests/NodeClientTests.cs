using System.Text.Json;

namespace Factory.InferenceApi.Tests;

/// <summary>OpenAI's own client for JavaScript, unchanged. Skips where Node or the package is missing.</summary>
public sealed class NodeClientTests(ModelFixture model)
{
    [Fact]
    public async Task The_official_client_for_JavaScript_completes_chats_streams_leaves_and_understands_refusals()
    {
        await using TestServer server = await TestServer.StartAsync(model.Chat);
        using JsonDocument document = JsonDocument.Parse(await NodeScript.RunAsync("openai.mjs", "openai", server.Url.GetLeftPart(UriPartial.Authority), "chat"));
        JsonElement answer = document.RootElement;

        Assert.Equal(["chat"], answer.GetProperty("models").Deserialize<string[]>()!);
        string text = model.Greedy("the", 8);
        Assert.Equal((text, text), (answer.GetProperty("text").GetString(), answer.GetProperty("streamed").GetString()));
        Assert.Equal(8, answer.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
        Assert.Equal(8, answer.GetProperty("logprobs").GetArrayLength());
        Assert.NotEqual("", answer.GetProperty("chat").GetString());
        Assert.Equal(answer.GetProperty("chat").GetString(), answer.GetProperty("chatStreamed").GetString());
        Assert.Equal(8, answer.GetProperty("chatLogprobs").GetArrayLength());
        Assert.Equal(3, answer.GetProperty("pieces").GetInt32());
        Assert.Equal("""{"status":400,"param":"temperature","type":"invalid_request_error","code":null}""", answer.GetProperty("badValue").GetRawText());
        Assert.Equal("""{"status":400,"param":"messages[0].role","type":"invalid_request_error","code":null}""", answer.GetProperty("badRole").GetRawText());
        Assert.Equal("""{"status":404,"param":"model","type":"invalid_request_error","code":"model_not_found"}""", answer.GetProperty("unknownModel").GetRawText());
    }
}
