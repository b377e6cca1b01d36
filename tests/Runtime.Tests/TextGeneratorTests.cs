using Factory.Core;
using Factory.Core.Text;

namespace Factory.Runtime.Tests;

/// <summary>Generation on models that know one text by heart, so that what must come out is known.</summary>
public sealed class TextGeneratorTests : IDisposable
{
    private static readonly string TokenizerFile = Path.Combine(GoldenData.Repository, "assets", "shakespeare", "tokenizer.model");
    private static readonly TextTokenizer Tokenizer = TextTokenizer.Load(TokenizerFile);

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void The_text_follows_the_prompt_with_its_space_and_ends_at_the_end_token()
    {
        GeneratedPiece[] pieces = Run("Who goes", " there? Stand back", new GenerationOptions());
        Assert.Equal(" there? Stand back", Text(pieces));
        Assert.Equal(FinishReason.Stop, pieces[^1].Finish);
        Assert.Equal(Tokenizer.EosTokenId, pieces[^1].TokenId);
        Assert.All(pieces[..^1], piece => Assert.Null(piece.Finish));
        Assert.Equal(Tokenizer.Encode("Who goes there? Stand back", addBos: true)[Tokenizer.Encode("Who goes", addBos: true).Length..], pieces[..^1].Select(piece => piece.TokenId));
    }

    [Fact]
    public void An_empty_prompt_starts_from_BOS_without_a_space() => Assert.Equal("Who goes there", Text(Run("", "Who goes there", new GenerationOptions())));

    [Fact]
    public void Characters_of_several_byte_tokens_come_whole()
    {
        GeneratedPiece[] pieces = Run("In", " 😀€", new GenerationOptions());
        Assert.Equal(" 😀€", Text(pieces));
        Assert.Equal([" ", "", "", "", "😀", "", "", "€", ""], pieces.Select(piece => piece.Text));
    }

    [Fact]
    public void An_unfinished_character_at_the_end_becomes_a_replacement_character()
    {
        GeneratedPiece[] pieces = Run("In", " 😀€", new GenerationOptions { MaxNewTokens = 3 });
        Assert.Equal([" ", "", "\uFFFD\uFFFD"], pieces.Select(piece => piece.Text));
        Assert.Equal(FinishReason.Length, pieces[^1].Finish);
    }

    [Fact]
    public void A_stop_string_that_spans_tokens_ends_the_text_before_it()
    {
        GeneratedPiece[] pieces = Run("Who goes", " there? Stand back", new GenerationOptions { Stop = ["re? St"] });
        Assert.Equal(" the", Text(pieces));
        Assert.Equal(FinishReason.Stop, pieces[^1].Finish);
    }

    [Fact]
    public void A_stop_string_that_does_not_come_holds_nothing_back_at_the_end() =>
        Assert.Equal(" there? Stand back", Text(Run("Who goes", " there? Stand back", new GenerationOptions { Stop = ["backwards"] })));

    [Fact]
    public void As_many_tokens_as_asked_for_end_with_Length()
    {
        GeneratedPiece[] pieces = Run("Who goes", " there? Stand back", new GenerationOptions { MaxNewTokens = 2 });
        Assert.Equal((2, FinishReason.Length), (pieces.Length, pieces[^1].Finish));
    }

    [Fact]
    public void A_full_context_window_ends_with_Context()
    {
        int prompt = Tokenizer.Encode("Who goes", addBos: true).Length;
        GeneratedPiece[] pieces = Run("Who goes", " there? Stand back", new GenerationOptions(), window: prompt + 3);
        Assert.Equal((3, FinishReason.Context), (pieces.Length, pieces[^1].Finish));
    }

    [Fact]
    public void A_prompt_without_room_in_the_window_is_refused_before_anything_runs()
    {
        using LanguageModel model = Load("Who goes", " there", window: 4);
        var generator = new TextGenerator(model);
        Assert.Contains("expected from 1 to 3 tokens", Assert.Throws<UserError>(() => generator.Generate([1, 2, 3, 4], new GenerationOptions(), CancellationToken.None)).Message, StringComparison.Ordinal);
        Assert.Throws<UserError>(() => generator.Generate([], new GenerationOptions(), CancellationToken.None));
        Assert.Equal("max_new_tokens", Assert.Throws<SettingError>(() => generator.Generate([1], new GenerationOptions { MaxNewTokens = 0 }, CancellationToken.None)).Setting);
        Assert.Equal("stop", Assert.Throws<SettingError>(() => generator.Generate([1], new GenerationOptions { Stop = [""] }, CancellationToken.None)).Setting);
    }

    [Fact]
    public void Cancelling_ends_the_generation()
    {
        using LanguageModel model = Load("Who goes", " there? Stand back");
        using var stop = new CancellationTokenSource();
        var seen = 0;
        Assert.Throws<OperationCanceledException>(() =>
        {
            foreach (GeneratedPiece _ in new TextGenerator(model).Generate("Who goes", new GenerationOptions(), stop.Token))
            {
                seen++;
                stop.Cancel();
            }
        });
        Assert.Equal(1, seen);
    }

    [Fact]
    public void A_seed_gives_the_same_text_again_and_sampling_without_one_varies()
    {
        using LanguageModel model = Load("Who goes", " there");
        var generator = new TextGenerator(model);
        Assert.Equal(Sampled(3), Sampled(3));
        Assert.NotEqual(Sampled(3), Sampled(4));

        int[] Sampled(ulong seed) =>
        [
            .. generator.Generate("Who", new GenerationOptions { MaxNewTokens = 12, Sampling = new SamplingOptions { Temperature = 50, Seed = seed } }, CancellationToken.None)
                .Select(piece => piece.TokenId),
        ];
    }

    [Fact]
    public void A_model_without_a_tokenizer_cannot_generate_text()
    {
        using LanguageModel model = TestBundle.Load(_folder, TestModel.Tiny);
        Assert.Contains("expected a tokenizer", Assert.Throws<UserError>(() => new TextGenerator(model)).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private GeneratedPiece[] Run(string prompt, string text, GenerationOptions options, int window = 64)
    {
        using LanguageModel model = Load(prompt, text, window);
        return [.. new TextGenerator(model).Generate(prompt, options, CancellationToken.None)];
    }

    private LanguageModel Load(string prompt, string text, int window = 64) =>
        TestBundle.Load(_folder, TestCheckpoint.Scripted([.. Tokenizer.Encode(prompt + text, addBos: true), Tokenizer.EosTokenId!.Value], Tokenizer.VocabularySize, window), TokenizerFile);

    private static string Text(IEnumerable<GeneratedPiece> pieces) => string.Concat(pieces.Select(piece => piece.Text));
}
