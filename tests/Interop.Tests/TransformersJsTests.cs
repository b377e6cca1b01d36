using System.Text.Json;

namespace Factory.Interop.Tests;

/// <summary>transformers.js, in Node, says with our folders what we say. Skips where Node or the package is missing.</summary>
public sealed class TransformersJsTests(Stories stories)
{
    private const int Count = 60;

    [Theory]
    [InlineData("fp32", "fp32")]
    [InlineData("int8", "q8")]
    [InlineData("int4", "q4")]
    public async Task Greedy_tokens_prompt_ids_and_text_are_ours(string precision, string dtype)
    {
        using JsonDocument answer = JsonDocument.Parse(await NodeScript.RunAsync("greedy.mjs", "@huggingface/transformers", stories.Export("transformersjs", precision), dtype, "Once upon a time", $"{Count}"));
        using Runtime.LanguageModel ours = stories.Load(precision);
        int[] expected = Stories.Greedy(ours, Stories.Prompt, Count);
        Assert.Equal(Stories.Prompt, answer.RootElement.GetProperty("prompt").Deserialize<int[]>());
        Assert.Equal(expected, answer.RootElement.GetProperty("tokens").Deserialize<int[]>());
        Assert.Equal(ours.Bundle.Tokenizer!.Decode([.. Stories.Prompt, .. expected]), answer.RootElement.GetProperty("text").GetString()!.TrimStart());
    }
}
