using System.ClientModel;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Factory.Core.Text;
using Factory.Runtime;
using Factory.Runtime.Chat;
using Microsoft.Extensions.AI;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Models;
using ChatMessage = OpenAI.Chat.ChatMessage;

namespace Factory.InferenceApi.Tests;

/// <summary>/v1/chat/completions through the clients that people use, unchanged.</summary>
public sealed class ChatTests(ModelFixture model) : IAsyncLifetime
{
    private TestServer _server = null!;
    private ChatClient _client = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync(model.Chat);
        _client = new ChatClient("chat", new ApiKeyCredential("unused"), Options());
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task The_official_client_gets_the_runtimes_answer_with_log_probabilities()
    {
        ChatMessage[] messages = [new SystemChatMessage("be the man"), new UserChatMessage("who ran?")];
        ChatCompletion answer = await _client.CompleteChatAsync(
            messages, new ChatCompletionOptions { MaxOutputTokenCount = 12, Temperature = 0, IncludeLogProbabilities = true, TopLogProbabilityCount = 2 }, Ct);

        Assert.Equal(Expected(12, ("system", "be the man"), ("user", "who ran?")), answer.Content.Single().Text);
        Assert.Equal((OpenAI.Chat.ChatFinishReason.Length, ChatMessageRole.Assistant, "chat"), (answer.FinishReason, answer.Role, answer.Model));
        Assert.Equal((12, 12), (answer.Usage.OutputTokenCount, answer.ContentTokenLogProbabilities.Count));
        Assert.All(answer.ContentTokenLogProbabilities, token => Assert.Equal((2, token.LogProbability), (token.TopLogProbabilities.Count, token.TopLogProbabilities[0].LogProbability)));
    }

    [Fact]
    public async Task Its_streams_add_up_and_end_with_the_usage()
    {
        var text = new System.Text.StringBuilder();
        var finish = new List<OpenAI.Chat.ChatFinishReason>();
        ChatTokenUsage? usage = null;
        await foreach (StreamingChatCompletionUpdate update in _client.CompleteChatStreamingAsync([new UserChatMessage("who ran?")], new ChatCompletionOptions { MaxOutputTokenCount = 12, Temperature = 0 }, Ct))
        {
            text.Append(string.Concat(update.ContentUpdate.Select(part => part.Text)));
            finish.AddRange(update.FinishReason is OpenAI.Chat.ChatFinishReason reason ? [reason] : []);
            usage = update.Usage ?? usage;
        }
        Assert.Equal(Expected(12, ("user", "who ran?")), text.ToString());
        Assert.Equal([OpenAI.Chat.ChatFinishReason.Length], finish);
        Assert.Equal(12, usage?.OutputTokenCount);
    }

    [Fact]
    public async Task Its_options_that_ask_for_nothing_the_server_lacks_are_taken()
    {
        var options = new ChatCompletionOptions
        {
            MaxOutputTokenCount = 12,
            Temperature = 0,
            StoredOutputEnabled = false,
            ToolChoice = ChatToolChoice.CreateNoneChoice(),
            AllowParallelToolCalls = false,
            EndUserId = "me",
            Metadata = { ["team"] = "a" },
        };
        ChatCompletion answer = await _client.CompleteChatAsync([new UserChatMessage("who ran?")], options, Ct);
        Assert.Equal(Expected(12, ("user", "who ran?")), answer.Content[0].Text);
    }

    [Fact]
    public async Task Its_cancellation_frees_the_slot()
    {
        using var probe = new MeterProbe(_server);
        using var hangUp = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (StreamingChatCompletionUpdate update in _client.CompleteChatStreamingAsync([new UserChatMessage("who ran?")], new ChatCompletionOptions { MaxOutputTokenCount = model.Window }, hangUp.Token))
            {
                if (update.ContentUpdate.Count > 0 && probe.GeneratedTokens > 3)
                {
                    await hangUp.CancelAsync();
                }
            }
        });
        await probe.AdmittedReaches(0);
    }

    [Fact]
    public async Task Its_errors_carry_status_and_field()
    {
        var stranger = new ChatClient("nobody", new ApiKeyCredential("unused"), Options());
        ClientResultException missing = await Assert.ThrowsAsync<ClientResultException>(() => stranger.CompleteChatAsync([new UserChatMessage("a")], cancellationToken: Ct));
        Assert.Equal(404, missing.Status);
        Assert.Contains("model_not_found", missing.Message, StringComparison.Ordinal);
        ClientResultException value = await Assert.ThrowsAsync<ClientResultException>(() => _client.CompleteChatAsync([new UserChatMessage("a")], new ChatCompletionOptions { Temperature = -1 }, Ct));
        Assert.Equal(400, value.Status);
        Assert.Contains("temperature", value.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_lists_the_models()
    {
        var client = new OpenAIModelClient(new ApiKeyCredential("unused"), Options());
        OpenAIModelCollection models = await client.GetModelsAsync(Ct);
        Assert.Equal("chat", Assert.Single(models).Id);
    }

    [Fact]
    public async Task Microsofts_abstraction_works_over_it()
    {
        using IChatClient chat = _client.AsIChatClient();
        ChatResponse answer = await chat.GetResponseAsync("who ran?", new ChatOptions { MaxOutputTokens = 12, Temperature = 0 }, Ct);
        Assert.Equal(Expected(12, ("user", "who ran?")), answer.Text);
    }

    [Fact]
    public async Task Curl_reads_a_stream()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/curl"), "needs curl");
        var start = new ProcessStartInfo("/usr/bin/curl") { RedirectStandardOutput = true };
        foreach (string argument in (string[])["-sN", $"{_server.Url}v1/chat/completions", "-H", "content-type: application/json", "-d", """{"model":"chat","messages":[{"role":"user","content":"who ran?"}],"max_tokens":5,"stream":true}"""])
        {
            start.ArgumentList.Add(argument);
        }
        using Process curl = Process.Start(start)!;
        string output = await curl.StandardOutput.ReadToEndAsync(Ct);
        await curl.WaitForExitAsync(Ct);
        Assert.Equal(0, curl.ExitCode);
        Assert.EndsWith("data: [DONE]\n\n", output, StringComparison.Ordinal);
        Assert.All(output.Split("\n\n", StringSplitOptions.RemoveEmptyEntries), line => Assert.StartsWith("data: ", line, StringComparison.Ordinal));
    }

    /// <summary>What users write never becomes a control token; what the template writes does.</summary>
    [Fact]
    public async Task Control_tokens_in_what_users_write_are_text()
    {
        int plain = await PromptTokensAsync("a b"), spelt = await PromptTokensAsync("a <s> b");
        int characters = Tokenizer.EncodePlain("a <s> b").Count - Tokenizer.EncodePlain("a b").Count;
        Assert.Equal(plain + characters, spelt);
        Assert.True(characters > 1);
    }

    [Theory]
    [InlineData("""{"model":"chat","messages":[]}""", "messages")]
    [InlineData("""{"model":"chat"}""", "messages")]
    [InlineData("""{"model":"chat","messages":[{"role":"user","content":"a"},{"role":"man","content":"a"}]}""", "messages[1].role")]
    [InlineData("""{"model":"chat","messages":[{"role":"user","content":"a"},{"role":"user"}]}""", "messages[1].content")]
    [InlineData("""{"model":"chat","messages":[{"role":"user","content":5}]}""", "messages[0].content")]
    [InlineData("""{"model":"chat","messages":[{"role":"user","content":[{"type":"image_url"}]}]}""", "messages[0].content")]
    [InlineData("""{"model":"chat","messages":[{"rol":"user","content":"a"}]}""", "messages[0].rol")]
    [InlineData("""{"model":"chat","messages":[{"role":"user","content":"a"}],"top_logprobs":2}""", "top_logprobs")]
    [InlineData("""{"model":"chat","messages":[{"role":"user","content":"a"}],"tools":[{"type":"function"}]}""", "tools")]
    [InlineData("""{"model":"chat","messages":[{"role":"user","content":"a"}],"tool_choice":"required"}""", "tool_choice")]
    [InlineData("""{"model":"chat","messages":[{"role":"user","content":"a"}],"tool_choice":{"type":"function"}}""", "tool_choice")]
    [InlineData("""{"model":"chat","messages":[{"role":"user","content":"a"}],"store":true}""", "store")]
    [InlineData("""{"model":"chat","messages":[{"role":"user","content":"a"}],"service_tier":"flex"}""", "service_tier")]
    [InlineData("""{"model":"chat","messages":[{"role":"user","content":"a"}],"metadata":{"a":1}}""", "metadata.a")]
    [InlineData("""{"model":"chat","messages":[{"role":"user","content":"a"}],"response_format":{"type":"json_object"}}""", "response_format.type")]
    public async Task A_nested_mistake_is_named_by_its_path(string body, string field)
    {
        using HttpResponseMessage answer = await _server.PostAsync("/v1/chat/completions", body);
        JsonElement error = JsonElement.Parse(await answer.Content.ReadAsStringAsync(Ct)).GetProperty("error");
        Assert.Equal((400, field), ((int)answer.StatusCode, error.GetProperty("param").GetString()));
    }

    [Fact]
    public async Task A_model_without_a_template_says_so()
    {
        using HttpResponseMessage answer = await model.Server.PostAsync("/v1/chat/completions", $$"""{"model":"{{model.Model.Bundle.Name}}","messages":[{"role":"user","content":"a"}]}""");
        JsonElement error = JsonElement.Parse(await answer.Content.ReadAsStringAsync(Ct)).GetProperty("error");
        Assert.Equal((400, "model", "invalid_request_error"), ((int)answer.StatusCode, error.GetProperty("param").GetString(), error.GetProperty("type").GetString()));
        Assert.Contains($"expected one with a chat template, found '{model.Model.Bundle.Name}'", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("\\u0027", await answer.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
    }

    private TextTokenizer Tokenizer => model.Model.Bundle.Tokenizer!;

    private OpenAIClientOptions Options() => new() { Endpoint = new Uri(_server.Url, "/v1") };

    private async Task<int> PromptTokensAsync(string content)
    {
        JsonElement answer = await _server.AskAsync("/v1/chat/completions", new { model = "chat", messages = new[] { new { role = "user", content } }, max_tokens = 1 });
        return answer.GetProperty("usage").GetProperty("prompt_tokens").GetInt32();
    }

    private string Expected(int count, params (string Role, string Content)[] messages)
    {
        var conversation = new JsonArray([.. messages.Select(message => (JsonNode)new JsonObject { ["role"] = message.Role, ["content"] = message.Content })]);
        RenderedChat prompt = ChatTemplate.Parse(ModelFixture.ChatTemplate).Render(conversation, addGenerationPrompt: true, specialTokens: Tokenizer.SpecialTokenTexts);
        return RuntimeText.Generate(model.Model, Tokenizer.EncodeRendered(prompt.Text, prompt.Literal), new GenerationOptions { MaxNewTokens = count }, Ct);
    }
}
