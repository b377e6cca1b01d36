using System.ComponentModel;
using System.Text.Json;
using Factory.InferenceApi.Validation;

namespace Factory.InferenceApi.OpenAi;

/// <summary>A conversation to go on with, as OpenAI's /v1/chat/completions takes it.</summary>
public sealed class ChatRequest : SamplingFields
{
    public const int MostMessages = 1024;

    /// <summary>The conversation so far. What its contents spell is text, never a control token.</summary>
    [Given("a list of messages"), Items(1, MostMessages)]
    public List<ChatMessage>? Messages { get; set; }

    /// <summary>Most tokens to generate. Default: as many as the context window has room for.</summary>
    [Within(1, int.MaxValue)]
    public int? MaxCompletionTokens { get; set; }

    /// <summary>The older name of max_completion_tokens.</summary>
    [Within(1, int.MaxValue)]
    public int? MaxTokens { get; set; }

    /// <summary>true: the answer has the log-probability of each token.</summary>
    [DefaultValue(false)]
    public bool? Logprobs { get; set; }

    /// <summary>And those of this many likeliest tokens at each place; needs logprobs.</summary>
    [Within(0, 20)]
    public int? TopLogprobs { get; set; }

    /// <summary>Only {"type": "text"}.</summary>
    public ResponseFormat? ResponseFormat { get; set; }

    /// <summary>Must be empty: the server calls no tools.</summary>
    [Items(0, 0)]
    public JsonElement[]? Tools { get; set; }

    /// <summary>Both mean the same here, since there are no tools.</summary>
    [OneOf("none", "auto")]
    public string? ToolChoice { get; set; }

    /// <summary>Not looked at: there are no tools.</summary>
    public bool? ParallelToolCalls { get; set; }

    /// <summary>Only false: no answer is kept.</summary>
    [DefaultValue(false)]
    public bool? Store { get; set; }

    /// <summary>Labels of an answer that is kept; not looked at.</summary>
    public Dictionary<string, string>? Metadata { get; set; }

    /// <summary>Both mean the same here: there is one tier.</summary>
    [OneOf("auto", "default")]
    public string? ServiceTier { get; set; }

    /// <summary>Not looked at: beginnings are shared wherever they are equal.</summary>
    public string? PromptCacheKey { get; set; }

    /// <summary>Whose request it is; not looked at.</summary>
    public string? SafetyIdentifier { get; set; }

    /// <summary>false: the prompt ends behind the last message, for a text that goes on with it.</summary>
    [DefaultValue(true)]
    public bool? AddGenerationPrompt { get; set; }
}

/// <summary>One turn of a conversation.</summary>
public sealed class ChatMessage
{
    /// <summary>Who speaks: system, developer (the same), user, assistant or tool.</summary>
    [Given("one of system, developer, user, assistant, tool"), OneOf("system", "developer", "user", "assistant", "tool")]
    public string? Role { get; set; }

    /// <summary>What was said: a string, or a list of {"type": "text", "text": …}.</summary>
    [Given("a string or a list of text parts")]
    public ChatContent? Content { get; set; }

    /// <summary>The speaker's name, where the template has a place for it.</summary>
    public string? Name { get; set; }

    /// <summary>Not looked at.</summary>
    public string? Refusal { get; set; }
}

/// <summary>What the answer is to be.</summary>
public sealed class ResponseFormat
{
    /// <summary>Only "text".</summary>
    [Given("\"text\""), OneOf("text")]
    public string? Type { get; set; }
}
