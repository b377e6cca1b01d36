using System.Text.Json;
using Factory.Core.Text;
using Factory.Runtime;

namespace Factory.InferenceApi.Tests;

/// <summary>/tokenize, /detokenize, /tokenizer_info and /score.</summary>
public sealed class TokenTests(ModelFixture model)
{
    private TextTokenizer Tokenizer => model.Model.Bundle.Tokenizer!;

    [Theory]
    [InlineData("the man ran", true, true)]
    [InlineData("a <s> b", true, false)]
    [InlineData("a <s> b", false, true)]
    [InlineData("", false, false)]
    public async Task Tokens_are_the_tokenizers_and_come_back_as_the_text(string prompt, bool special, bool parse)
    {
        JsonElement answer = await model.Server.AskAsync("/tokenize", new { prompt, add_special_tokens = special, parse_special = parse, return_token_strs = true });
        int[] ids = [.. answer.GetProperty("tokens").EnumerateArray().Select(id => id.GetInt32())];
        Assert.Equal(Tokenizer.Encode(prompt, special, parse), ids);
        Assert.Equal((ids.Length, model.Window), (answer.GetProperty("count").GetInt32(), answer.GetProperty("max_model_len").GetInt32()));
        Assert.Equal(ids.Select(Tokenizer.TokenText), answer.GetProperty("token_strs").EnumerateArray().Select(text => text.GetString()));
        JsonElement back = await model.Server.AskAsync("/detokenize", new { tokens = ids });
        Assert.Equal(Tokenizer.Decode(ids), back.GetProperty("prompt").GetString());
    }

    [Fact]
    public async Task The_tokenizer_is_described()
    {
        JsonElement info = JsonElement.Parse(await model.Server.Client.GetStringAsync("/tokenizer_info", TestContext.Current.CancellationToken));
        Assert.Equal(Tokenizer.SpecialTokenTexts["bos_token"], info.GetProperty("bos_token").GetString());
        Assert.Equal(Tokenizer.SpecialTokenTexts.GetValueOrDefault("eos_token"), info.GetProperty("eos_token").GetString());
        Assert.Equal((model.Window, true), (info.GetProperty("model_max_length").GetInt32(), info.GetProperty("add_bos_token").GetBoolean()));
    }

    [Theory]
    [InlineData("/detokenize", """{"tokens":[-1]}""", "tokens")]
    [InlineData("/detokenize", """{"tokens":[1,99999999]}""", "tokens")]
    [InlineData("/detokenize", """{"tokens":[1,null]}""", "tokens[1]")]
    [InlineData("/tokenize", """{"prompt":1}""", "prompt")]
    [InlineData("/score", """{"items":[]}""", "items")]
    [InlineData("/score", """{"items":[{"context":"a"}]}""", "items[0].continuation")]
    [InlineData("/score", """{"items":[{"continuation":"a"},{"continuation":1}]}""", "items[1].continuation")]
    [InlineData("/score", """{"items":[{"continuation":"a","contxt":"a"}]}""", "items[0].contxt")]
    [InlineData("/score", """{"items":[null]}""", "items")]
    [InlineData("/score", """{"items":[{"continuation":"a"},{"context":"a","continuation":""}]}""", "items[1].continuation")]
    public async Task What_does_not_fit_is_named_with_its_place(string path, string body, string field)
    {
        using HttpResponseMessage answer = await model.Server.PostAsync(path, body);
        await ProblemAssert.NamesAsync(field, answer);
    }

    [Fact]
    public async Task Scores_are_the_scorers()
    {
        JsonElement answer = await model.Server.AskAsync("/score", new { items = new object[] { new { context = "the man", continuation = " ran" }, new { continuation = "the man ran" } } });
        int[] context = Tokenizer.Encode("the man", addBos: true), whole = Tokenizer.Encode("the man ran", addBos: true);
        LogLikelihood expected = new Scorer(model.Model).Score(context, whole[context.Length..]);
        JsonElement first = answer.GetProperty("scores")[0], second = answer.GetProperty("scores")[1];
        Assert.Equal(expected.Value, first.GetProperty("log_likelihood").GetDouble(), 1e-4);
        Assert.Equal((expected.IsGreedy, expected.Tokens), (first.GetProperty("is_greedy").GetBoolean(), first.GetProperty("tokens").GetInt32()));
        // As the harness does, BOS stands before the text and is scored with it.
        expected = new Scorer(model.Model).Score([Tokenizer.BosTokenId!.Value], whole);
        Assert.Equal(expected.Value, second.GetProperty("log_likelihood").GetDouble(), 1e-4);
        Assert.Equal((JsonValueKind.Null, whole.Length), (second.GetProperty("is_greedy").ValueKind, second.GetProperty("tokens").GetInt32()));
    }
}
