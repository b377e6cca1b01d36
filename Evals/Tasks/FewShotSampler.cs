using Factory.Core;
using Factory.Evals.Python;

namespace Factory.Evals.Tasks;

/// <summary>
/// Picks the solved examples in front of each question. One generator, seeded once, runs on from question to question, so the examples
/// of a question depend on its place in the file.
/// </summary>
public sealed class FewShotSampler
{
    private const ulong Seed = 1234;

    private readonly IReadOnlyList<Question> _pool;
    private readonly int _shots;
    private readonly ShotRule _rule;
    private readonly PythonRandom _random = new(Seed);

    /// <param name="task">Who asks, for the message.</param>
    /// <exception cref="SettingError">The pool is too small.</exception>
    public FewShotSampler(string task, IReadOnlyList<Question> pool, int shots, ShotRule rule)
    {
        int most = rule == ShotRule.DrawOthers ? pool.Count - 1 : pool.Count;
        if (shots > 0 && shots > most)
        {
            throw new SettingError("num_fewshot", $"expected at most {Math.Max(0, most)} for {task} ({pool.Count} examples to choose from), found {shots}.");
        }
        _pool = pool;
        _shots = shots;
        _rule = rule;
    }

    /// <summary>The examples for <paramref name="question"/>; call once a question, in file order.</summary>
    public IReadOnlyList<Question> For(Question question) => _shots == 0 ? [] : _rule switch
    {
        ShotRule.First => [.. _pool.Take(_shots)],
        ShotRule.Draw => _random.Sample(_pool, _shots),
        ShotRule.DrawOthers => DrawOthers(question),
    };

    private IReadOnlyList<Question> DrawOthers(Question question)
    {
        Question[] drawn = [.. _random.Sample(_pool, _shots + 1).Where(item => item.Identity != question.Identity).Take(_shots)];
        // Where the pool holds the question twice, both copies may have been drawn.
        return drawn.Length == _shots ? drawn : _random.Sample([.. _pool.Where(item => item.Identity != question.Identity)], _shots);
    }
}
