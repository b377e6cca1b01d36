namespace Factory.InferenceApi.Models;

/// <summary>GET /models.</summary>
internal static class ModelsEndpoint
{
    public static void MapModels(this IEndpointRouteBuilder routes) => routes.MapGet("/models", List)
        .WithName("models")
        .WithTags("Model")
        .WithSummary("What is served: name, sizes, norm scheme, precision, provider, content hash.");

    private static Ok<ModelList> List(ServedModel model) => TypedResults.Ok(new ModelList([model.Describe()]));
}
