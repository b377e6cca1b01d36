namespace Factory.Evals.Requests;

/// <summary>A response with the place of its request in the list that was asked.</summary>
public readonly record struct Answer(int Request, EvaluationResponse Response);
