using Microsoft.ML.OnnxRuntimeGenAI;

namespace Factory.Interop.Tests;

/// <summary>onnxruntime-genai, Microsoft's own runtime for language models, says with our folders what we say.</summary>
public sealed class GenAiTests(Stories stories)
{
    private const int Count = 100;

    [Theory]
    [InlineData("fp32")]
    [InlineData("fp16")]
    public void Greedy_tokens_are_ours(string precision)
    {
        using var model = new Model(stories.Export("genai", precision));
        Assert.Equal(Stories.Greedy(stories.Model, Stories.Prompt, Count), Greedy(model, Stories.Prompt, Count));
    }

    [Theory]
    [InlineData("int8")]
    [InlineData("int4")]
    public void A_quantized_folder_says_what_our_bundle_of_that_precision_says(string precision)
    {
        using var model = new Model(stories.Export("genai", precision));
        using Runtime.LanguageModel ours = stories.Load(precision);
        Assert.Equal(Stories.Greedy(ours, Stories.Prompt, Count), Greedy(model, Stories.Prompt, Count));
    }

    [Fact]
    public void Its_tokenizer_reads_our_tokenizer_json_and_gives_our_ids_and_text()
    {
        using var model = new Model(stories.Export("genai", "fp32"));
        using var tokenizer = new Tokenizer(model);
        string[] texts = ["Once upon a time", "Lily's mom said, \"Hi!\"", "x"];
        Assert.All(texts, text =>
        {
            // It leaves special tokens to the caller.
            int[] ids = stories.Model.Bundle.Tokenizer!.Encode(text, addBos: false);
            using Sequences found = tokenizer.Encode(text);
            Assert.Equal(ids, found[0].ToArray());
            Assert.Equal(text, tokenizer.Decode(ids).TrimStart());
        });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_model_with_grouped_heads_gives_our_tokens(bool tied)
    {
        TestCheckpoint checkpoint = Stories.Random(tied);
        using var model = new Model(stories.Export(checkpoint, "genai", "fp32"));
        int[] prompt = [3, 50, 21, 7];
        Assert.Equal(checkpoint.Reference.Greedy(prompt, 30), Greedy(model, prompt, 30));
    }

    private static int[] Greedy(Model model, int[] prompt, int count)
    {
        using var parameters = new GeneratorParams(model);
        parameters.SetSearchOption("max_length", prompt.Length + count);
        parameters.SetSearchOption("do_sample", false);
        using var generator = new Generator(model, parameters);
        generator.AppendTokens(prompt);
        while (!generator.IsDone())
        {
            generator.GenerateNextToken();
        }
        return generator.GetSequence(0)[prompt.Length..].ToArray();
    }
}
