using Factory.Core;
using Factory.Core.Text;
using Factory.Runtime.Engine;

namespace Factory.Runtime.Tests;

/// <summary>Generation on models that know one text by heart, so that what must come out is known.</summary>
public sealed class TextEngineTests : IDisposable
{
    private static readonly string TokenizerFile = Path.Combine(GoldenData.Repository, "assets", "shakespeare", "tokenizer.model");
    private static readonly TextTokenizer Tokenizer = TextTokenizer.Load(TokenizerFile);

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

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
        using var model = Load("Who goes", " there", window: 4);
        Refused("prompt", "expected from 1 to 3 tokens", [1, 2, 3, 4], new GenerationOptions());
        Refused("prompt", "found 0", [], new GenerationOptions());
        Refused("max_new_tokens", "found 0", [1], new GenerationOptions { MaxNewTokens = 0 });
        Refused("min_new_tokens", "found 9", [1], new GenerationOptions { MaxNewTokens = 8, MinNewTokens = 9 });
        Refused("stop", "found an empty one", [1], new GenerationOptions { Stop = [""] });
        Refused("n", "found 129", [1], new GenerationOptions { Choices = 129 });

        void Refused(string setting, string message, int[] prompt, GenerationOptions options)
        {
            SettingError error = Assert.Throws<SettingError>(() => model.Text.GenerateAsync(prompt, options, Ct));
            Assert.Equal(setting, error.Setting);
            Assert.Contains(message, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Cancelling_ends_the_generation()
    {
        using var model = Load("Who goes", " there? Stand back");
        using var stop = new CancellationTokenSource();
        int seen = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (GeneratedPiece _ in model.Text.GenerateAsync("Who goes", cancellationToken: stop.Token))
            {
                seen++;
                await stop.CancelAsync();
            }
        });
        Assert.Equal(1, seen);
    }

    [Fact]
    public void A_seed_gives_the_same_text_again_and_sampling_without_one_varies()
    {
        using var model = Load("Who goes", " there");
        Assert.Equal(Sampled(3), Sampled(3));
        Assert.NotEqual(Sampled(3), Sampled(4));
        Assert.NotEqual(Sampled(null), Sampled(null));

        int[] Sampled(ulong? seed) =>
            [.. model.Run("Who", new GenerationOptions { MaxNewTokens = 12, Sampling = new SamplingOptions { Temperature = 50, Seed = seed } }).Select(piece => piece.TokenId)];
    }

    [Fact]
    public void Choices_are_what_their_seeds_give_alone()
    {
        using var model = Load("Who goes", " there");
        var options = new GenerationOptions { MaxNewTokens = 6, Choices = 3, Sampling = new SamplingOptions { Temperature = 50, Seed = 7 } };
        GeneratedPiece[] pieces = model.Run("Who", options);
        for (int choice = 0; choice < 3; choice++)
        {
            GeneratedPiece[] alone = model.Run("Who", options with { Choices = 1, Sampling = options.Sampling with { Seed = 7 + (ulong)choice } });
            Assert.Equal(alone.Select(piece => piece.TokenId), pieces.Where(piece => piece.Choice == choice).Select(piece => piece.TokenId));
        }
        Assert.Equal(3, pieces.Count(piece => piece.Finish is not null));
    }

    [Fact]
    public void Echo_gives_the_prompts_text_first_with_log_probabilities_where_asked_for()
    {
        using var model = Load("Who goes", " there? Stand back");
        GeneratedPiece[] pieces = model.Run("Who goes", new GenerationOptions { Echo = true, LogProbabilities = 1, Stop = ["goes", " back"] });
        // The stop string in the prompt is text.
        Assert.Equal("Who goes there? Stand", Text(pieces));
        Assert.Equal(model.Text.Encode("Who goes"), pieces.Where(piece => piece.IsPrompt).Select(piece => piece.TokenId));
        Assert.Null(pieces[0].LogProbability);
        Assert.All(pieces.Skip(1), piece => Assert.InRange(piece.LogProbability!.Value, -100, 0));
        Assert.All(pieces.Skip(1), piece => Assert.Single(piece.Top));
        // The script's tokens are the likeliest: each is its own top entry.
        Assert.All(pieces.Where(piece => !piece.IsPrompt), piece => Assert.Equal(new(piece.TokenId, piece.LogProbability!.Value), piece.Top[0]));
    }

    [Fact]
    public void Neither_stop_string_nor_end_token_ends_a_text_before_the_minimum()
    {
        using var model = Load("Who goes", " there");
        int whole = model.Run("Who goes", new GenerationOptions()).Length;
        Assert.Equal(whole + 3, model.Run("Who goes", new GenerationOptions { MinNewTokens = whole + 3, MaxNewTokens = whole + 3 }).Length);
        Assert.StartsWith(" there", Text(model.Run("Who goes", new GenerationOptions { Stop = ["the"], MinNewTokens = whole, MaxNewTokens = whole })), StringComparison.Ordinal);
        Assert.Equal(20, model.Run("Who goes", new GenerationOptions { MaxNewTokens = 20, IgnoreEndOfText = true }).Length);
    }

    [Fact]
    public void A_model_without_a_tokenizer_cannot_generate_text()
    {
        using LanguageModel model = TestBundle.Load(_folder, TestModel.Tiny);
        using var engine = new InferenceEngine(model);
        Assert.Contains("expected a tokenizer", Assert.Throws<UserError>(() => new TextEngine(engine)).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private GeneratedPiece[] Run(string prompt, string text, GenerationOptions options, int window = 64)
    {
        using var model = Load(prompt, text, window);
        return model.Run(prompt, options);
    }

    private Scripted Load(string prompt, string text, int window = 64) => new(
        TestBundle.Load(_folder, TestCheckpoint.Scripted([.. Tokenizer.Encode(prompt + text, addBos: true), Tokenizer.EosTokenId!.Value], Tokenizer.VocabularySize, window), TokenizerFile));

    private static string Text(IEnumerable<GeneratedPiece> pieces) => string.Concat(pieces.Select(piece => piece.Text));

    private sealed class Scripted : IDisposable
    {
        private readonly LanguageModel _model;
        private readonly InferenceEngine _engine;

        public Scripted(LanguageModel model)
        {
            _model = model;
            _engine = new InferenceEngine(model);
            Text = new TextEngine(_engine);
        }

        public TextEngine Text { get; }

        public GeneratedPiece[] Run(string prompt, GenerationOptions options) => [.. Text.GenerateAsync(prompt, options, Ct).ToBlockingEnumerable(Ct)];

        public void Dispose()
        {
            _engine.Dispose();
            _model.Dispose();
        }
    }
}
