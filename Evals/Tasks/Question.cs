using Factory.Evals.Prompts;
using Factory.Evals.Requests;

namespace Factory.Evals.Tasks;

/// <summary>A row of a data set as a question, before examples stand in front of it.</summary>
public abstract record Question
{
    /// <summary>Between a question and its answer.</summary>
    protected const string AnswerDelimiter = " ";

    /// <summary>Between an example and what comes after it.</summary>
    protected const string ExampleDelimiter = "\n\n";

    /// <summary>Equal for rows that the harness takes for the same document, so that a question is never its own example.</summary>
    public abstract string Identity { get; init; }

    /// <summary>The question and its right answer, as an example shows them.</summary>
    public abstract IReadOnlyList<Turn> Solved { get; }

    /// <summary>What is asked.</summary>
    /// <param name="before">Description and examples.</param>
    public abstract TaskDocument Ask(IReadOnlyList<Turn> before, PromptFormat format);
}
