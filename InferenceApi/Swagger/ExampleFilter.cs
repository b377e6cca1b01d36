using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace Factory.InferenceApi.Swagger;

/// <summary>Puts <see cref="ApiExamples"/> beside every request and answer, and says that events are text.</summary>
internal sealed class ExampleFilter : IOperationFilter
{
    public void Apply(OpenApiOperation operation, OperationFilterContext context)
    {
        string name = operation.OperationId ?? throw new InvalidOperationException($"{context.ApiDescription.RelativePath} has no name.");
        if (operation.RequestBody?.Content is IDictionary<string, OpenApiMediaType> requests)
        {
            Show(requests, ApiExamples.Requests.GetValueOrDefault(name, []));
        }
        foreach ((string status, IOpenApiResponse answer) in operation.Responses ?? [])
        {
            if (answer.Content is { Count: > 0 } answers)
            {
                Show(answers, ApiExamples.Answers(name, status));
            }
        }
    }

    private static void Show(IDictionary<string, OpenApiMediaType> contents, IReadOnlyList<ApiExample> examples)
    {
        foreach ((string mediaType, OpenApiMediaType content) in contents)
        {
            if (mediaType == "text/event-stream")
            {
                content.Schema = new OpenApiSchema { Type = JsonSchemaType.String };
            }
            content.Examples = examples.Where(example => example.MediaType == mediaType).ToDictionary(
                example => example.Name,
                IOpenApiExample (example) => new OpenApiExample
                {
                    Summary = example.Name,
                    Value = example.IsText ? JsonValue.Create(example.Text) : JsonNode.Parse(example.Text),
                });
        }
    }
}
