using System.Text;
using Factory.Evals.Python;

namespace Factory.Evals.Requests;

/// <summary>What a task asks about one row of its data.</summary>
public abstract record TaskDocument
{
    /// <summary>The requests, whose responses come back in this order.</summary>
    public abstract IReadOnlyList<EvaluationRequest> Requests { get; }
}

/// <summary>One request a choice, in choice order.</summary>
/// <param name="Choices">The choices' texts, without the space before them.</param>
/// <param name="Gold">Index of the right choice.</param>
public sealed record ChoiceDocument(IReadOnlyList<LogLikelihoodRequest> Questions, IReadOnlyList<string> Choices, int Gold) : TaskDocument
{
    public override IReadOnlyList<EvaluationRequest> Requests => Questions;

    /// <summary>Unicode code points of each choice.</summary>
    public IReadOnlyList<int> Lengths => [.. Choices.Select(PythonText.Length)];

    /// <summary>UTF-8 bytes of each choice.</summary>
    public IReadOnlyList<int> Bytes => [.. Choices.Select(Encoding.UTF8.GetByteCount)];
}

/// <summary>A text that is scored whole.</summary>
/// <param name="Words">What word perplexity divides by.</param>
/// <param name="Bytes">What byte perplexity divides by.</param>
public sealed record TextDocument(string Text, int Words, int Bytes) : TaskDocument
{
    public override IReadOnlyList<EvaluationRequest> Requests { get; } = [new RollingRequest(Text)];
}

/// <summary>A question whose answer the model writes.</summary>
/// <param name="References">Answers that count as right.</param>
public sealed record GenerationDocument(GenerationRequest Question, IReadOnlyList<string> References) : TaskDocument
{
    public override IReadOnlyList<EvaluationRequest> Requests { get; } = [Question];
}
