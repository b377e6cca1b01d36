using Microsoft.AspNetCore.Mvc;

namespace Factory.InferenceApi.Problems;

/// <summary>404: the request names a model that is not served.</summary>
internal sealed class UnknownModelProblem : ProblemDetails
{
    public UnknownModelProblem(string name)
    {
        Status = StatusCodes.Status404NotFound;
        Title = "Not Found";
        Detail = $"model: expected the name of a served model (GET /models lists them), found '{JsonWords.Shorten(name)}'.";
    }
}
