using Factory.Evals.Requests;

namespace Factory.Evals.Tasks;

/// <summary>A row of a data set as a question, before examples stand in front of it.</summary>
public abstract record Question
{
    /// <summary>Equal for rows that the harness takes for the same document, so that a question is never its own example.</summary>
    public abstract string Identity { get; init; }

    /// <summary>The question with its right answer, as an example shows it.</summary>
    public abstract string Solved { get; init; }

    /// <summary>What is asked, with <paramref name="prefix"/> (description and examples) in front.</summary>
    public abstract TaskDocument Ask(string prefix);
}
