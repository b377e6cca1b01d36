using System.Globalization;
using Factory.InferenceApi.Problems;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace Factory.InferenceApi.Swagger;

/// <summary>Lists every status that an operation may answer with: its own, and those of all requests (Host, headers, keys, limits).</summary>
internal sealed class StatusFilter : IOperationFilter
{
    private static readonly int[] Everywhere =
    [
        StatusCodes.Status400BadRequest, StatusCodes.Status401Unauthorized, StatusCodes.Status403Forbidden, StatusCodes.Status405MethodNotAllowed, StatusCodes.Status414UriTooLong,
        StatusCodes.Status429TooManyRequests, StatusCodes.Status431RequestHeaderFieldsTooLarge, StatusCodes.Status500InternalServerError,
    ];

    public void Apply(OpenApiOperation operation, OperationFilterContext context)
    {
        IList<object> metadata = context.ApiDescription.ActionDescriptor.EndpointMetadata;
        bool openAi = context.ApiDescription.RelativePath!.StartsWith("v1/", StringComparison.Ordinal);
        foreach (int status in metadata.OfType<RefusedStatuses>().SelectMany(refused => refused.Statuses).Concat(Everywhere).Distinct().Order())
        {
            Type body = openAi ? typeof(OpenAiError) : status == StatusCodes.Status400BadRequest ? typeof(HttpValidationProblemDetails) : typeof(ProblemDetails);
            (operation.Responses ??= [])[status.ToString(CultureInfo.InvariantCulture)] = new OpenApiResponse
            {
                Description = ReasonPhrases.GetReasonPhrase(status),
                Content = new Dictionary<string, OpenApiMediaType>
                {
                    [openAi ? "application/json" : ProblemWriter.MediaType] = new() { Schema = context.SchemaGenerator.GenerateSchema(body, context.SchemaRepository) },
                },
            };
        }
    }
}
