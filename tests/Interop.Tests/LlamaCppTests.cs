using Factory.Runtime;
using LLama;
using LLama.Common;
using LLama.Native;

namespace Factory.Interop.Tests;

/// <summary>llama.cpp, as LLamaSharp brings it, says with our GGUF files what we say.</summary>
public sealed class LlamaCppTests(Stories stories)
{
    static LlamaCppTests() => NativeLibraryConfig.All.WithLogCallback((_, _) => { });

    [Theory]
    [InlineData("fp32", 150)]
    [InlineData("fp16", 60)]
    [InlineData("int8", 60)]
    public void Greedy_tokens_are_ours(string precision, int count)
    {
        int[] expected = Stories.Greedy(stories.Model, Stories.Prompt, count);
        using var model = new LlamaCppModel(stories.Export("gguf", precision));
        List<int> found = [Stories.ArgMax(model.Append(Stories.Prompt))];
        while (found.Count < count)
        {
            found.Add(Stories.ArgMax(model.Append([found[^1]])));
        }
        Assert.Equal(expected, found);
    }

    [Fact]
    public void Plain_int4_keeps_the_likeliest_token_of_most_places()
    {
        int[] ids = [.. Stories.Prompt, .. Stories.Greedy(stories.Model, Stories.Prompt, 60)];
        using var model = new LlamaCppModel(stories.Export("gguf", "int4-rtn"));
        int same = ids.SkipLast(1).Zip(ids.Skip(1)).Skip(Stories.Prompt.Length - 1).Count(pair => Stories.ArgMax(model.Append([pair.First])) == pair.Second);
        Assert.InRange(same, 40, 60);
    }

    [Fact]
    public void Its_tokenizer_gives_our_ids()
    {
        using var model = new LlamaCppModel(stories.Export("gguf", "fp32"));
        string[] texts = ["Once upon a time", " two  spaces ", "Lily's mom said, \"Hi!\"\n\nÄé 日本 🙂", "x"];
        Assert.All(texts, text => Assert.Equal(stories.Model.Bundle.Tokenizer!.Encode(text, addBos: true), model.Tokenize(text)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Logits_of_a_model_with_grouped_heads_and_folded_scales_are_ours(bool tied)
    {
        TestCheckpoint checkpoint = Stories.Random(tied);
        using var model = new LlamaCppModel(stories.Export(checkpoint, "gguf", "fp32"));
        int[] ids = [.. Enumerable.Range(0, 40).Select(i => i * 7 % 96)];
        double[][] expected = checkpoint.Reference.Logits(ids);
        Assert.All(ids.Zip(expected), pair =>
            Assert.InRange(pair.Second.Zip(model.Append([pair.First]), (a, b) => Math.Abs(a - b)).Max(), 0, 1e-3));
    }
}
