using Microsoft.AspNetCore.Mvc;

namespace Factory.InferenceApi.Problems;

/// <summary>Ends a request with a problem. <see cref="ApiExceptionHandler"/> turns it into the answer.</summary>
/// <param name="problem">The answer.</param>
/// <param name="retryAfter">Seconds after which to ask again, or null when asking again does not help.</param>
internal sealed class RefusedException(ProblemDetails problem, int? retryAfter = null) : Exception(problem.Detail)
{
    public ProblemDetails Problem => problem;

    public int? RetryAfter => retryAfter;
}
