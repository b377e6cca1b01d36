using Factory.Core.Text;
using Factory.Evals.Requests;
using Factory.Evals.Tokens;

namespace Factory.Evals.Tests.Tokens;

/// <summary>With the bundled LLaMA-style tokenizer (BOS = 1) and T5's (no BOS, EOS = 1).</summary>
public sealed class PairEncoderTests
{
    private static TextTokenizer Llama => TextTokenizer.Load(Path.Combine(GoldenData.Repository, "assets", "shakespeare", "tokenizer.model"));

    private static TextTokenizer T5 => TextTokenizer.Load(GoldenData.At("tokenizers", "t5", "spiece.model"));

    [Fact]
    public async Task A_continuation_is_what_the_whole_text_has_beyond_its_context()
    {
        TextTokenizer tokenizer = Llama;
        TokenPair pair = await EncodeAsync(Encoder(tokenizer), "The cat", " sat down");
        Assert.Equal(tokenizer.Encode("The cat", addBos: true), pair.Context);
        Assert.Equal(tokenizer.Encode("The cat sat down", addBos: true), pair.Context.Concat(pair.Continuation));
        Assert.Equal(tokenizer.BosTokenId, pair.Context[0]);
    }

    [Fact]
    public async Task White_space_at_the_end_of_the_context_belongs_to_the_continuation()
    {
        var encoder = Encoder(Llama);
        TokenPair expected = await EncodeAsync(encoder, "The cat", " \n sat");
        TokenPair found = await EncodeAsync(encoder, "The cat \n ", "sat");
        Assert.Equal(expected.Context, found.Context);
        Assert.Equal(expected.Continuation, found.Continuation);
    }

    [Fact]
    public async Task Without_BOS_nothing_is_added_and_EOS_stands_in_for_an_empty_context()
    {
        TextTokenizer tokenizer = T5;
        var encoder = Encoder(tokenizer);
        TokenPair pair = await EncodeAsync(encoder, "The cat", " sat");
        Assert.Equal(tokenizer.Encode("The cat sat", addBos: false), pair.Context.Concat(pair.Continuation));
        Assert.DoesNotContain(tokenizer.EosTokenId!.Value, pair.Continuation);

        TokenPair alone = await EncodeAsync(encoder, "", "sat");
        Assert.Equal([1], alone.Context);
        Assert.Equal(tokenizer.Encode("sat", addBos: false), alone.Continuation);
    }

    [Fact]
    public async Task An_empty_context_is_BOS_and_a_whole_text_starts_with_it()
    {
        TextTokenizer tokenizer = Llama;
        var encoder = Encoder(tokenizer);
        TokenPair pair = await EncodeAsync(encoder, "", "Hello there");
        Assert.Equal([1], pair.Context);
        Assert.Equal(tokenizer.Encode("Hello there", addBos: false), pair.Continuation);
        int[] whole = await encoder.EncodeWholeAsync("Hello there", TestContext.Current.CancellationToken);
        Assert.Equal([1, .. pair.Continuation], whole);
    }

    [Fact]
    public async Task A_continuation_without_a_token_of_its_own_is_refused()
    {
        RequestError error = await Assert.ThrowsAsync<RequestError>(async () => await EncodeAsync(Encoder(Llama), "Hello", ""));
        Assert.Contains("token of its own", error.Message, StringComparison.Ordinal);
    }

    private static PairEncoder Encoder(TextTokenizer tokenizer) => new(new LocalTextEncoder(tokenizer));

    private static ValueTask<TokenPair> EncodeAsync(PairEncoder encoder, string context, string continuation) =>
        encoder.EncodeAsync(0, new LogLikelihoodRequest(context, continuation), TestContext.Current.CancellationToken);
}
