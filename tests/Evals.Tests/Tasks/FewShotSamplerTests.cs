using Factory.Core;
using Factory.Evals.Python;
using Factory.Evals.Tasks;

namespace Factory.Evals.Tests.Tasks;

public sealed class FewShotSamplerTests
{
    private static readonly ChoiceQuestion[] Pool = [.. Enumerable.Range(0, 30).Select(i => new ChoiceQuestion($"question {i}", ["a", "b"], i % 2))];

    [Fact]
    public void Draws_are_one_run_of_Pythons_generator_over_all_questions()
    {
        var sampler = new FewShotSampler("task", Pool, 3, ShotRule.Draw);
        var random = new PythonRandom(1234);
        Assert.Equal(random.Sample(Pool, 3), sampler.For(Pool[0]));
        Assert.Equal(random.Sample(Pool, 3), sampler.For(Pool[1]));
    }

    [Fact]
    public void A_question_is_never_its_own_example_where_it_could_be_drawn()
    {
        IReadOnlyList<ChoiceQuestion> drawn = new PythonRandom(1234).Sample(Pool, 4);
        Assert.Equal([drawn[0], drawn[2], drawn[3]], new FewShotSampler("task", Pool, 3, ShotRule.DrawOthers).For(drawn[1]));
        ChoiceQuestion other = Pool.Except(drawn).First();
        Assert.Equal(drawn.Take(3), new FewShotSampler("task", Pool, 3, ShotRule.DrawOthers).For(other));
    }

    [Fact]
    public void Where_the_pool_holds_the_question_twice_the_examples_are_drawn_again_without_it()
    {
        ChoiceQuestion twin = new ChoiceQuestion("twin", ["a", "b"], 0);
        ChoiceQuestion[] pool = [twin, twin, Pool[0], Pool[1]];
        IReadOnlyList<Question> found = new FewShotSampler("task", pool, 2, ShotRule.DrawOthers).For(twin);
        Assert.Equal(2, found.Count);
        Assert.DoesNotContain(twin, found);
    }

    [Fact]
    public void First_takes_the_first_rows_and_no_shots_take_none()
    {
        Assert.Equal(Pool.Take(2), new FewShotSampler("task", Pool, 2, ShotRule.First).For(Pool[0]));
        Assert.Empty(new FewShotSampler("task", [], 0, ShotRule.DrawOthers).For(Pool[0]));
    }

    [Theory]
    [InlineData(ShotRule.First, 30)]
    [InlineData(ShotRule.Draw, 30)]
    [InlineData(ShotRule.DrawOthers, 29)]
    public void More_shots_than_there_are_rows_are_refused(ShotRule rule, int most)
    {
        UserError error = Assert.Throws<SettingError>(() => new FewShotSampler("piqa", Pool, most + 1, rule));
        Assert.Equal($"num_fewshot: expected at most {most} for piqa (30 examples to choose from), found {most + 1}.", error.Message);
    }
}
