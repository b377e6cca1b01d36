using Factory.Core;
using Factory.Core.Numbers;

namespace Factory.Runtime.Tests;

public sealed class SamplerTests
{
    private static readonly double[] Probabilities = [0.05, 0.4, 0.1, 0.25, 0.2];

    [Fact]
    public void Greedy_takes_the_first_of_the_largest() => Assert.Equal(1, new Sampler(new SamplingOptions()).Next([0f, 3f, 3f, 2f]));

    [Fact]
    public void Tokens_are_drawn_as_often_as_their_probability_says() =>
        Frequencies(new SamplingOptions { Temperature = 1 }, Probabilities);

    [Fact]
    public void Temperature_sharpens_and_flattens()
    {
        foreach (double temperature in new[] { 0.5, 2 })
        {
            double[] powers = [.. Probabilities.Select(p => Math.Pow(p, 1 / temperature))];
            Frequencies(new SamplingOptions { Temperature = temperature }, [.. powers.Select(power => power / powers.Sum())]);
        }
    }

    [Fact]
    public void Top_k_keeps_the_likeliest() =>
        Frequencies(new SamplingOptions { Temperature = 1, TopK = 2 }, [0, 0.4 / 0.65, 0, 0.25 / 0.65, 0]);

    [Fact]
    public void Top_p_keeps_tokens_up_to_and_including_the_one_that_reaches_it() =>
        Frequencies(new SamplingOptions { Temperature = 1, TopP = 0.7 }, [0, 0.4 / 0.85, 0, 0.25 / 0.85, 0.2 / 0.85]);

    [Fact]
    public void Min_p_keeps_tokens_at_least_that_fraction_of_the_likeliest() =>
        Frequencies(new SamplingOptions { Temperature = 1, MinP = 0.49 }, [0, 0.4 / 0.85, 0, 0.25 / 0.85, 0.2 / 0.85]);

    [Fact]
    public void Top_p_counts_within_what_top_k_left() =>
        // Of the two that top-k leaves, the first has 0.4 / 0.65 = 0.615; of all tokens it would have 0.4 and need the second.
        Frequencies(new SamplingOptions { Temperature = 1, TopK = 2, TopP = 0.61 }, [0, 1, 0, 0, 0]);

    [Fact]
    public void Equal_logits_are_cut_by_token_id()
    {
        var sampler = new Sampler(new SamplingOptions { Temperature = 1, TopK = 2, Seed = 5 });
        HashSet<int> seen = [.. Enumerable.Range(0, 200).Select(_ => sampler.Next(new float[6]))];
        Assert.Equal([0, 1], seen.Order());
    }

    [Fact]
    public void The_repetition_penalty_divides_positive_and_multiplies_negative_logits_of_seen_tokens()
    {
        var sampler = new Sampler(new SamplingOptions { RepetitionPenalty = 2 });
        sampler.Observe([0]);
        Assert.Equal(1, sampler.Next([3f, 2f, 1f]));
        // Now 0 and 1 are seen: 3/2 and 2/2 stand against 1.6.
        Assert.Equal(2, sampler.Next([3f, 2f, 1.6f]));
        var negative = new Sampler(new SamplingOptions { RepetitionPenalty = 2 });
        negative.Observe([0]);
        Assert.Equal(1, negative.Next([-1f, -1.5f]));
    }

    [Fact]
    public void A_seed_gives_the_same_tokens_again_and_another_seed_gives_others()
    {
        Assert.Equal(Draws(7), Draws(7));
        Assert.NotEqual(Draws(7), Draws(8));
        Assert.NotEqual(Draws(null), Draws(null));

        static int[] Draws(ulong? seed)
        {
            var sampler = new Sampler(new SamplingOptions { Temperature = 1, Seed = seed });
            return [.. Enumerable.Range(0, 100).Select(_ => sampler.Next(new float[50]))];
        }
    }

    [Fact]
    public void Random_numbers_are_those_of_SplitMix64_on_every_machine()
    {
        // The first numbers of the generator's published test for this seed.
        var random = new SplitMix64(1234567);
        Assert.Equal([6457827717110365317, 3203168211198807973, 9817491932198370423], new[] { random.Next(), random.Next(), random.Next() });
    }

    public static TheoryData<string, SamplingOptions> OutOfRange => new()
    {
        { "temperature", new() { Temperature = double.NaN } },
        { "temperature", new() { Temperature = double.PositiveInfinity } },
        { "top_k", new() { TopK = -1 } },
        { "top_p", new() { TopP = 0 } },
        { "min_p", new() { MinP = 1.1 } },
        { "typical_p", new() { TypicalP = double.NaN } },
        { "repetition_penalty", new() { RepetitionPenalty = 0 } },
        { "presence_penalty", new() { PresencePenalty = -101 } },
        { "frequency_penalty", new() { FrequencyPenalty = double.NaN } },
        { "logit_bias", new() { LogitBias = new Dictionary<int, double> { [3] = 1000 } } },
    };

    [Theory]
    [MemberData(nameof(OutOfRange))]
    public void An_option_out_of_range_is_named(string setting, SamplingOptions options) =>
        Assert.Equal(setting, Assert.Throws<SettingError>(() => new Sampler(options)).Setting);

    /// <summary>Draws often, with a fixed seed: each count lies within four standard deviations, and what has no chance never comes.</summary>
    private static void Frequencies(SamplingOptions options, double[] expected)
    {
        const int draws = 20_000;
        var sampler = new Sampler(options with { Seed = 42 });
        var counts = new int[expected.Length];
        for (int i = 0; i < draws; i++)
        {
            counts[sampler.Next(Array.ConvertAll(Probabilities, p => (float)Math.Log(p)))]++;
        }
        for (int token = 0; token < expected.Length; token++)
        {
            double deviation = Math.Sqrt(draws * expected[token] * (1 - expected[token]));
            Assert.InRange(counts[token], (draws * expected[token]) - (4 * deviation) - 1e-6, (draws * expected[token]) + (4 * deviation) + 1e-6);
        }
    }
}
