namespace Factory.Evals.Requests;

/// <summary>A question to a model. Its kind decides the kind of <see cref="EvaluationResponse"/> that it gets.</summary>
public abstract record EvaluationRequest;
