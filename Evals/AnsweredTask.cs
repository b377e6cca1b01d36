using Factory.Evals.Requests;
using Factory.Evals.Tasks;

namespace Factory.Evals;

/// <summary>A task with a model's answers to the documents that it was asked.</summary>
/// <param name="Documents">Each document with its place among all and its responses, in file order.</param>
public sealed record AnsweredTask(PreparedTask Task, IReadOnlyList<AnsweredDocument> Documents);

/// <param name="Place">From zero, among all documents of the task.</param>
/// <param name="Responses">In the order of the document's requests.</param>
public sealed record AnsweredDocument(int Place, TaskDocument Document, IReadOnlyList<EvaluationResponse> Responses);
