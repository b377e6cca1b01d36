using Factory.Evals.Python;

namespace Factory.Evals.Tests.Python;

/// <summary>Every expected number was printed by CPython 3.11's random module.</summary>
public sealed class PythonRandomTests
{
    [Fact]
    public void Floats_are_those_of_Python_before_and_after_the_state_is_refilled()
    {
        var random = new PythonRandom(42);
        Assert.Equal([0.6394267984578837, 0.025010755222666936, 0.27502931836911926], [random.NextDouble(), random.NextDouble(), random.NextDouble()]);

        var refilled = new PythonRandom(5);
        for (int i = 0; i < 2000; i++)
        {
            refilled.NextDouble();
        }
        Assert.Equal(0.6302541136422682, refilled.NextDouble());
    }

    [Fact]
    public void A_seed_of_more_than_32_bits_is_used_whole()
    {
        var random = new PythonRandom((1UL << 40) + 3);
        Assert.Equal([0u, 1u, 1179975209u, 3580981848u], [random.NextBits(1), random.NextBits(5), random.NextBits(31), random.NextBits(32)]);
        Assert.Equal(0.09461190973523603, random.NextDouble());
    }

    [Fact]
    public void Whole_numbers_below_a_bound_are_randrange()
    {
        var random = new PythonRandom(0);
        Assert.Equal([0, 1, 0, 265, 2073320061], [random.Below(1), random.Below(2), random.Below(3), random.Below(1000), random.Below(int.MaxValue)]);
    }

    [Fact]
    public void A_small_sample_of_a_large_population_is_drawn_by_index_and_the_generator_runs_on()
    {
        var random = new PythonRandom(1234);
        int[] population = [.. Enumerable.Range(0, 2251)];
        Assert.Equal([1805, 478, 30], random.Sample(population, 3));
        Assert.Equal([371, 143, 343], random.Sample(population, 3));
    }

    [Fact]
    public void Both_ways_of_sampling_are_taken_at_Pythons_own_limits()
    {
        var random = new PythonRandom(1234);
        Assert.Equal([3, 0, 4, 2, 1], random.Sample(Range(5), 5));
        Assert.Equal([2, 3, 11, 7, 0, 15], random.Sample(Range(20), 6));
        Assert.Equal([2, 44, 82, 79, 61, 78], random.Sample(Range(100), 6));
        // 21 + 4^ceil(log4(3k)) = 85 is the largest population that is copied for k = 6 and 7.
        Assert.Equal([59, 19, 11, 23, 14, 1], random.Sample(Range(85), 6));
        Assert.Equal([64, 62, 31, 8, 85, 69, 59], random.Sample(Range(86), 7));

        static int[] Range(int count) => [.. Enumerable.Range(0, count)];
    }

    [Fact]
    public void Shuffle_and_choices_are_those_of_Python()
    {
        var random = new PythonRandom(7);
        int[] items = [.. Enumerable.Range(0, 10)];
        random.Shuffle(items);
        Assert.Equal([8, 3, 1, 4, 7, 0, 9, 6, 2, 5], items);
        Assert.Equal([90, 21, 8, 41, 24, 55, 5, 56], Enumerable.Range(0, 8).Select(_ => random.Choice(100)));
    }
}
