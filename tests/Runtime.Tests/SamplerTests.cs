using CsCheck;
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

    [Fact]
    public void Typical_keeps_the_tokens_of_nearest_to_expected_surprise() =>
        // Entropy 1.42: -ln p is 3.0, 0.92, 2.3, 1.39, 1.61. Nearest are tokens 3 (0.25), 4 (0.2) and 1 (0.4), which is the one that reaches 0.5.
        Frequencies(new SamplingOptions { Temperature = 1, TypicalP = 0.5 }, [0, 0.4 / 0.85, 0, 0.25 / 0.85, 0.2 / 0.85]);

    [Fact]
    public void Presence_and_frequency_penalties_count_generated_tokens_only()
    {
        var presence = new Sampler(new SamplingOptions { PresencePenalty = 0.5 });
        presence.Observe([0, 1, 2]);
        // Token 0 falls from 3 to 2.5 once, however often it was generated.
        Assert.Equal([0, 1, 0, 0], Enumerable.Range(0, 4).Select(i => presence.Next([3f, i == 1 ? 2.6f : 2.4f, 0f])));
        var frequency = new Sampler(new SamplingOptions { FrequencyPenalty = 0.5 });
        frequency.Observe([0, 1, 2]);
        // 3, 2.5, 2 against 2.2, 2.2, 2.2.
        Assert.Equal([0, 0, 1], Enumerable.Range(0, 3).Select(_ => frequency.Next([3f, 2.2f, 0f])));
    }

    [Fact]
    public void Bias_is_added_and_forbidden_tokens_are_never_chosen()
    {
        var sampler = new Sampler(new SamplingOptions { LogitBias = new Dictionary<int, double> { [2] = 5, [0] = -100 } });
        Assert.Equal(2, sampler.Next([3f, 2f, 1f]));
        Assert.Equal(1, sampler.Next([3f, 2f, 1f], 2));
        var drawn = new Sampler(new SamplingOptions { Temperature = 100, Seed = 1 });
        Assert.DoesNotContain(0, Enumerable.Range(0, 500).Select(_ => drawn.Next([9f, 2f, 1f], 0)));
    }

    [Fact]
    public void Weights_are_those_of_a_plain_sort_for_any_logits_and_filters()
    {
        Gen<float> logit = Gen.OneOf(Gen.Float[-8, 8], Gen.Int[-3, 3].Select(i => (float)i)); // with ties
        Gen.Select(logit.Array[1, 3000], Gen.OneOf(0.3, 1.0, 4.0), Gen.OneOf(0, 1, 3, 50), Gen.OneOf(1.0, 0.5, 0.95), Gen.OneOf(0.0, 0.1), Gen.OneOf(1.0, 0.3, 0.9)).Sample(
            (logits, temperature, topK, topP, minP, typicalP) =>
            {
                var options = new SamplingOptions { Temperature = temperature, TopK = topK, TopP = topP, MinP = minP, TypicalP = typicalP };
                float[] work = [.. logits];
                int[] ids = new int[logits.Length];
                int left = new Sampler(options).Weigh(work, ids);
                double[] found = new double[logits.Length];
                for (int i = 0; i < left; i++)
                {
                    found[ids[i]] = work[i];
                }
                double[]? expected = PlainWeights(logits, options);
                if (expected is not null)
                {
                    Assert.Equal(expected, found, (a, b) => Math.Abs(a - b) <= 1e-5 * a);
                }
            },
            iter: 500);
    }

    [Fact]
    public void Nothing_is_left_to_the_garbage_collector()
    {
        float[] logits = [.. Enumerable.Range(0, 32_000).Select(i => (float)Math.Sin(i) * 8)];
        var sampler = new Sampler(new SamplingOptions { Temperature = 0.9, TopK = 50, TopP = 0.9, MinP = 0.01, TypicalP = 0.95, Seed = 1 });
        sampler.Next(logits);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 20; i++)
        {
            sampler.Next(logits);
        }
        // Today's vector of a vocabulary is 128 KB.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 20_000);
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

    /// <summary>The filters by sorting, in double precision; null where rounding could move a cut.</summary>
    private static double[]? PlainWeights(float[] logits, SamplingOptions options)
    {
        float largest = logits.Max();
        double[] weights = [.. logits.Select(each => (double)MathF.Exp((each - largest) * (float)(1 / options.Temperature)))];
        bool certain = true;
        if (options.TopK > 0)
        {
            Keep(Enumerable.Range(0, logits.Length).OrderByDescending(id => logits[id]).ThenBy(id => id).Take(options.TopK));
        }
        if (options.TopP < 1)
        {
            Keep(UpTo(Enumerable.Range(0, logits.Length).OrderByDescending(id => weights[id]).ThenBy(id => id), options.TopP));
        }
        Keep(Enumerable.Range(0, logits.Length).Where(id => weights[id] >= (float)options.MinP));
        if (options.TypicalP < 1)
        {
            double sum = weights.Sum();
            double entropy = -weights.Where(weight => weight > 0).Sum(weight => weight / sum * Math.Log(weight / sum));
            int[] order = [.. Enumerable.Range(0, logits.Length).Where(id => weights[id] > 0).OrderBy(Distance).ThenBy(id => id)];
            certain &= order.Zip(order.Skip(1)).All(pair => weights[pair.First] == weights[pair.Second] || Distance(pair.Second) - Distance(pair.First) > 1e-4);
            Keep(UpTo(order, options.TypicalP));

            double Distance(int id) => Math.Abs(-Math.Log(weights[id] / sum) - entropy);
        }
        return certain ? weights : null;

        void Keep(IEnumerable<int> ids)
        {
            HashSet<int> kept = [.. ids];
            weights = [.. weights.Select((weight, id) => kept.Contains(id) ? weight : 0)];
        }

        IEnumerable<int> UpTo(IEnumerable<int> order, double share)
        {
            double mass = share * weights.Sum();
            double before = 0;
            foreach (int id in order)
            {
                certain &= Math.Abs(before - mass) > 1e-4 * mass;
                if (before >= mass)
                {
                    yield break;
                }
                yield return id;
                before += weights[id];
            }
        }
    }

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
